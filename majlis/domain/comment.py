"""A comment, the person who wrote it, its status and the one table of legal moves.

It holds no rules about words: those are the guidelines', and the judge applies them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from majlis import errors


class Status(StrEnum):
    """Where a comment stands. `approved` is the only status that a reader ever sees."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Actor(StrEnum):
    """Who moves a comment: the machine, a person of the desk, or its author."""

    MACHINE = "machine"
    MODERATOR = "moderator"
    AUTHOR = "author"


_DESK = frozenset({Actor.MODERATOR})
_JUDGES = frozenset({Actor.MACHINE, Actor.MODERATOR})
_AUTHOR = frozenset({Actor.AUTHOR})

MOVES: Mapping[tuple[Status, Status], frozenset[Actor]] = MappingProxyType(
    {
        (Status.PENDING, Status.APPROVED): _JUDGES,
        (Status.PENDING, Status.REJECTED): _JUDGES,
        (Status.PENDING, Status.WITHDRAWN): _AUTHOR,
        (Status.APPROVED, Status.REJECTED): _DESK,
        (Status.APPROVED, Status.PENDING): _DESK,
        (Status.APPROVED, Status.WITHDRAWN): _AUTHOR,
        (Status.REJECTED, Status.APPROVED): _DESK,
        (Status.REJECTED, Status.PENDING): _DESK,
        (Status.REJECTED, Status.WITHDRAWN): _AUTHOR,
    }
)
"""Every legal change of status and who may make it. What is not here is refused; `withdrawn` is final."""


def move(old: Status, new: Status, actor: Actor) -> Status:
    """Return `new` where the table allows the actor this move.

    Raises:
        errors.IllegalMove: the table does not hold it.
    """
    if actor not in MOVES.get((old, new), frozenset()):
        raise errors.IllegalMove(
            f"A comment that is {old} cannot be made {new} by {actor}.",
            hint="Load the comment again to see where it stands.",
        )
    return new


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote a comment, as they gave it. The e-mail address is never shown to readers.

    `key` groups the comments of one author: a keyed hash of the e-mail address or, without one, of name and address.
    """

    name: str
    email: str | None = None
    key: str = ""


LEASE_MS = 5 * 60 * 1000
"""How long a moderator's claim lasts if nothing is decided."""


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """One reader's comment. `body` is what was typed, byte for byte, and never changes.

    Times are milliseconds since 1970 UTC. `version` grows by one with every change of status and is what a moderator
    has to name to change it again. `root` is the first comment of the conversation and `root_at` its publication time.
    `risk` is the judge's probability of rejection; None until it has judged.
    """

    id: str
    site: str
    story: str
    parent: str | None
    root: str
    author: Author
    body: str
    language: str
    direction: str
    status: Status
    version: int
    submitted_at: int
    published_at: int | None = None
    root_at: int
    risk: float | None = None
    decision: str | None = None
    likes: int = 0
    replies: int = 0
    reports: int = 0
    featured: bool = False
    claimed_by: str | None = None
    claimed_until: int = 0

    def holder(self, now: int) -> str | None:
        """Return who holds the claim. One that ends later than any made now could dates from a clock gone wrong."""
        return self.claimed_by if 0 < self.claimed_until - now <= LEASE_MS else None
