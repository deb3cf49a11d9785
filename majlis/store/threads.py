"""Pages of a story's approved comments, by keyset: no offset, no count. Only approved rows can come out of here.

Conversations are in the order that was asked for; within one, comments stand oldest first, so that a comment never
comes before the one it answers.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from majlis.domain.comment import Comment
from majlis.store.comments import SHOWN, comment_of
from majlis.store.database import Connection
from majlis.store.query import Query, Value
from majlis.store.tables import APPROVED, comments

_C = comments.c


class Sort(StrEnum):
    """The orders of a thread."""

    NEWEST = "newest"
    OLDEST = "oldest"
    TOP = "top"


class Position(msgspec.Struct, frozen=True, array_like=True):
    """Where a page ended: the values of the last comment's sort key."""

    sort: Sort
    likes: int
    root_at: int
    root: str
    published_at: int
    id: str


_LIKES, _ROOT_AT, _ROOT = (_C.root_likes, True), (_C.root_at, True), (_C.root, True)
_WITHIN = ((_C.published_at, False), (_C.id, False))
_KEYS: dict[Sort, tuple[tuple[ColumnElement[object], bool], ...]] = {
    Sort.NEWEST: (_ROOT_AT, _ROOT, *_WITHIN),
    Sort.OLDEST: ((_C.root_at, False), (_C.root, False), *_WITHIN),
    Sort.TOP: (_LIKES, _ROOT_AT, _ROOT, *_WITHIN),
}
_PARAMETERS = {
    "root_likes": "likes",
    "root_at": "root_at",
    "root": "root",
    "published_at": "published_at",
    "id": "last",
}


def _after(keys: tuple[tuple[ColumnElement[object], bool], ...]) -> ColumnElement[bool]:
    """Return the condition that a row comes after the position, for keys that run in different directions."""
    steps: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for column, descending in keys:
        parameter: ColumnElement[object] = bindparam(_PARAMETERS[str(column.key)])
        steps.append(and_(*equal, column < parameter if descending else column > parameter))
        equal.append(column == parameter)
    first, descending = keys[0]
    bound: ColumnElement[object] = bindparam(_PARAMETERS[str(first.key)])
    # The loose bound repeats what follows from the rest: it lets the index start at the position.
    return and_(first <= bound if descending else first >= bound, or_(*steps))


def _page(sort: Sort, *, later: bool) -> Query:
    keys = _KEYS[sort]
    statement = select(*SHOWN, _C.root_likes).where(_C.story == bindparam("story"), APPROVED)
    if later:
        statement = statement.where(_after(keys))
    order = [column.desc() if descending else column.asc() for column, descending in keys]
    return Query(statement.order_by(*order).limit(bindparam("limit")))


_FIRST = {sort: _page(sort, later=False) for sort in Sort}
_LATER = {sort: _page(sort, later=True) for sort in Sort}


async def page(
    tx: Connection, *, story: str, sort: Sort, limit: int, after: Position | None
) -> tuple[list[Comment], Position | None]:
    """Return up to `limit` approved comments and where the next page begins; None at the end."""
    values: dict[str, Value] = {"story": story, "limit": limit + 1}
    if after is None:
        rows = await tx.all(_FIRST[sort], **values)
    else:
        position: dict[str, Value] = {
            "likes": after.likes,
            "root_at": after.root_at,
            "root": after.root,
            "published_at": after.published_at,
            "last": after.id,
        }
        if sort is not Sort.TOP:
            del position["likes"]
        rows = await tx.all(_LATER[sort], **values, **position)
    found = [comment_of(row) for row in rows[:limit]]
    if len(rows) <= limit:
        return found, None
    last = rows[limit - 1]
    end = Position(sort, last["root_likes"], last["root_at"], last["root"], last["published_at"], last["id"])
    return found, end
