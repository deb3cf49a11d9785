"""Ids that can be made on any node and say nothing about how many there are.

Randomness and time are arguments, so that this room stays free of both.
"""

from __future__ import annotations


def uuid7(now: int, random: bytes) -> str:
    """Return a UUID version 7 as 32 hexadecimal digits (RFC 9562, section 5.7).

    Args:
        now: milliseconds since 1970 UTC.
        random: at least 10 random bytes.
    """
    value = (now & (2**48 - 1)) << 80 | int.from_bytes(random[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return f"{value:032x}"


def is_id(value: str) -> bool:
    """Return whether a value has the shape of an id made here; anything else need not be looked up."""
    return len(value) == 32 and all(digit in "0123456789abcdef" for digit in value)


def is_slug(value: str) -> bool:
    """Return whether a value has the shape of a story's id: lower-case letters, digits and hyphens, at most 80."""
    return 0 < len(value) <= 80 and all(c in "abcdefghijklmnopqrstuvwxyz0123456789-" for c in value)
