"""Moments: milliseconds since 1970 UTC, and how they are written for other programs. No clock is read here."""

from __future__ import annotations

from datetime import UTC, date, datetime


def iso(ms: int) -> str:
    """Return a time as RFC 3339 in UTC with milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def day(ms: int) -> date:
    """Return the day in UTC that a time is in."""
    return datetime.fromtimestamp(ms / 1000, UTC).date()
