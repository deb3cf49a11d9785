"""The nouns of a comment desk and the legal moves between their states.

This room holds values only. It does no I/O, reads no clock and makes no randomness: time and ids are passed in.
"""
