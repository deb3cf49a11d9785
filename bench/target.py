"""What is measured: a server that stands, and the requests of each case that it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bench.load import Request
from bench.server import Server

READ_20 = "thread of 20 comments"
READ_200 = "thread of 200 comments"
BROTLI = "thread of 200 comments, br"
UNCHANGED = "thread of 200 comments, 304"
POSTERS = (1, 8, 32)

JUDGING, PLAIN = "Majlis", "Majlis, not judging"
POSTGRESQL = "Majlis on PostgreSQL, not judging"
REMARK42, REMARK42_CACHED = "Remark42, defaults", "Remark42, cache enlarged"
"""The systems that are compared by name."""

LARGE = 10_000_000
"""Comments of the database that growth is promised for."""


def posted(posters: int) -> str:
    """Return the name of the case in which so many post at once."""
    return f"comment posted, {posters} at once" if posters > 1 else "comment posted, one after another"


CASES = (READ_20, READ_200, BROTLI, UNCHANGED, *(posted(number) for number in POSTERS))

BUSY = "busy-{story}"
"""The stories that are posted to."""

WORDS = "the council promised new buses in spring, and yet the stop by the mill is still closed."
"""Every comment here, in every system: a number and these words."""


@dataclass(frozen=True)
class Target:
    """One system as it stands under measurement."""

    name: str
    server: Server
    cases: Mapping[str, Request]
