"""What waits at the desk: comments by state with their filters, and search. It hands nothing to anybody; claims do."""

from __future__ import annotations

from enum import StrEnum

import msgspec
from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select, text

from majlis.domain.comment import Comment
from majlis.store.comments import SHOWN, comment_of
from majlis.store.database import Connection
from majlis.store.query import Query, Value
from majlis.store.tables import APPROVED, PENDING, comments

_C = comments.c


class Shelf(StrEnum):
    """The lists of the desk."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    REPORTED = "reported"


class Order(StrEnum):
    """How the waiting comments are sorted; the other shelves are newest first."""

    OLDEST = "oldest"
    RISK = "risk"


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed to. Empty strings narrow nothing. `search` is already folded."""

    story: str = ""
    language: str = ""
    clause: str = ""
    search: str = ""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Where a page of the desk ended. `key` is a time in ms, or the risk in the order by risk."""

    shelf: Shelf
    order: Order
    key: float
    id: str


_STATES: dict[Shelf, ColumnElement[bool]] = {
    Shelf.WAITING: and_(PENDING),
    Shelf.APPROVED: and_(APPROVED),
    Shelf.REJECTED: and_(text("status = 'rejected'")),
    Shelf.REPORTED: and_(text("reports > 0"), APPROVED),
}


def _narrow() -> tuple[ColumnElement[bool], ...]:
    """Conditions that hold for every row where their parameter is empty, so that one text serves every filter."""
    return (
        or_(bindparam("story") == "", _C.story == bindparam("story")),
        or_(bindparam("language") == "", _C.language == bindparam("language")),
        or_(bindparam("clause") == "", _C.flags.like("%," + bindparam("clause") + ",%")),
        or_(bindparam("search") == "", _C.search.like("%" + bindparam("search") + "%", escape="\\")),
    )


_RISK = func.coalesce(_C.risk, 2.0)
"""A comment that the judge has not seen yet comes first in the order by risk."""


def _list(shelf: Shelf, order: Order, *, later: bool) -> Query:
    statement: Select[tuple[object, ...]] = select(*SHOWN).where(
        _C.site == bindparam("site"), _STATES[shelf], *_narrow()
    )
    key: ColumnElement[float | int] = _RISK if shelf is Shelf.WAITING and order is Order.RISK else _C.submitted_at
    ascending = shelf is Shelf.WAITING and order is Order.OLDEST
    if later:
        end, last = bindparam("key", type_=key.type), bindparam("last", type_=_C.id.type)
        beyond = key > end if ascending else key < end
        statement = statement.where(or_(beyond, and_(key == end, _C.id > last if ascending else _C.id < last)))
    sort = (key.asc(), _C.id.asc()) if ascending else (key.desc(), _C.id.desc())
    return Query(statement.order_by(*sort).limit(bindparam("limit")))


_LISTS = {
    (shelf, order, later): _list(shelf, order, later=later)
    for shelf in Shelf
    for order in Order
    for later in (False, True)
}
_COUNTS = Query(
    select(
        func.count(case((PENDING, 1))).label("waiting"),
        func.min(case((PENDING, _C.submitted_at))).label("oldest"),
    ).where(_C.site == bindparam("site"), PENDING)
)
_REPORTED = Query(select(func.count().label("n")).where(_C.site == bindparam("site"), text("reports > 0"), APPROVED))


def _escaped(search: str) -> str:
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


async def page(
    tx: Connection,
    *,
    site: str,
    shelf: Shelf,
    order: Order,
    filter: Filter,
    limit: int,
    after: Place | None,
) -> tuple[list[Comment], Place | None]:
    """Return up to `limit` comments of a shelf and where the next page begins; None at the end."""
    values: dict[str, Value] = {
        "site": site,
        "story": filter.story,
        "language": filter.language,
        "clause": filter.clause,
        "search": _escaped(filter.search),
        "limit": limit + 1,
    }
    if after is not None:
        by_risk = shelf is Shelf.WAITING and order is Order.RISK
        values |= {"key": after.key if by_risk else int(after.key), "last": after.id}
    found = [comment_of(row) for row in await tx.all(_LISTS[shelf, order, after is not None], **values)]
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    by_risk = shelf is Shelf.WAITING and order is Order.RISK
    key = (2.0 if last.risk is None else last.risk) if by_risk else float(last.submitted_at)
    return found[:limit], Place(shelf, order, key, last.id)


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """How much waits. `oldest` is the submission time of the oldest waiting comment, in ms."""

    waiting: int
    oldest: int | None
    reported: int


async def backlog(tx: Connection, *, site: str) -> Backlog:
    """Return how much waits for people."""
    waiting = await tx.one(_COUNTS, site=site)
    reported = await tx.one(_REPORTED, site=site)
    assert waiting is not None
    assert reported is not None
    return Backlog(waiting=waiting["waiting"], oldest=waiting["oldest"], reported=reported["n"])
