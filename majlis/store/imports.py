"""Comments that come from another system, many at once: their rows, their origin, and where they stand.

It decides nothing about which of them are taken, and their words are written once like all words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from sqlalchemy import bindparam, func, insert, select, update

from majlis.domain.comment import Comment, Status
from majlis.store.comments import Filing
from majlis.store.database import Connection
from majlis.store.query import Query, among
from majlis.store.tables import comments, imports, stories

_C = comments.c
_PLACES = Query(
    lambda dialect: select(_C.id, _C.story, _C.root, _C.root_at, _C.root_likes).where(among(_C.id, dialect))
)
_ADD = Query(insert(comments))
_ADD_ORIGIN = Query(insert(imports))
_REPLIES = Query(update(comments).where(_C.id == bindparam("old_id")).values(replies=_C.replies + bindparam("change")))
_COUNTS = Query(
    update(stories)
    .where(stories.c.id == bindparam("old_id"))
    .values(comments=stories.c.comments + bindparam("change"), revision=stories.c.revision + 1)
)
_OF_STORY = Query(
    select(func.count().label("n")).where(
        imports.c.story == bindparam("story"), imports.c.source == bindparam("source")
    )
)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a comment stands in its conversation: what its replies need to know."""

    story: str
    root: str
    root_at: int
    root_likes: int


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """A comment with all that is kept beside it. `original` is the HTML that its words were taken out of."""

    comment: Comment
    filing: Filing
    root_likes: int
    source: str
    original: str | None


async def places(tx: Connection, ids: Iterable[str]) -> dict[str, Place]:
    """Return where those of the comments stand that are there."""
    rows = await tx.all(_PLACES, ids=msgspec.json.encode(list(ids)).decode())
    return {
        row["id"]: Place(story=row["story"], root=row["root"], root_at=row["root_at"], root_likes=row["root_likes"])
        for row in rows
    }


async def add_imported(tx: Connection, made: Sequence[Imported]) -> None:
    """Store comments with their origin; then the counts of replies and of each story's approved comments."""
    await tx.many(_ADD, [_row(one) for one in made])
    await tx.many(
        _ADD_ORIGIN,
        [
            {"comment": one.comment.id, "source": one.source, "story": one.comment.story, "original": one.original}
            for one in made
        ],
    )
    shown = [one.comment for one in made if one.comment.status is Status.APPROVED]
    await _add_to(tx, _REPLIES, _tally(comment.parent for comment in shown if comment.parent))
    grown = dict.fromkeys((one.comment.story for one in made), 0) | _tally(comment.story for comment in shown)
    await _add_to(tx, _COUNTS, grown)


async def count_of_story(tx: Connection, *, story: str, source: str) -> int:
    """Return how many comments of a source stand under a story."""
    row = await tx.one(_OF_STORY, story=story, source=source)
    return int(row["n"]) if row else 0


def _tally(ids: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for id in ids:
        counts[id] = counts.get(id, 0) + 1
    return counts


async def _add_to(tx: Connection, query: Query, changes: Mapping[str, int]) -> None:
    await tx.many(query, [{"old_id": id, "change": by} for id, by in sorted(changes.items())])


def _row(one: Imported) -> dict[str, str | int | float | None]:
    comment = one.comment
    return {
        "id": comment.id,
        "site": comment.site,
        "story": comment.story,
        "parent": comment.parent,
        "root": comment.root,
        "author_name": comment.author.name,
        "author_email": comment.author.email,
        "author_key": comment.author.key,
        "body": comment.body,
        "search": one.filing.search,
        "digest": one.filing.digest,
        "language": comment.language,
        "direction": comment.direction,
        "status": comment.status.value,
        "version": comment.version,
        "submitted_at": comment.submitted_at,
        "published_at": comment.published_at,
        "root_at": comment.root_at,
        "risk": None,
        "flags": "",
        "decision": comment.decision,
        "likes": comment.likes,
        "root_likes": one.root_likes,
        "replies": 0,
        "reports": 0,
        "featured": int(comment.featured),
        "claimed_by": None,
        "claimed_until": 0,
        "idempotency_key": None,
        "request_hash": "",
    }
