"""Tests of Majlis: what is promised, in sentences."""
