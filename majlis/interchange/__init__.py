"""Imports and exports, one file per format. A format is parsed here into domain values; storing them is a service."""
