"""Majlis: comments that wait until a decision with reasons exists."""

__version__ = "0.1.0"
