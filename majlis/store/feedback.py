"""What programs say a judgement should have been. Rows are added and read; nothing here decides anything."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
from sqlalchemy import bindparam, insert, select

from majlis.store.database import Connection
from majlis.store.query import Query
from majlis.store.tables import feedback

_F = feedback.c
PAGE = 1_000
_ADD = Query(insert(feedback))
_OF_SITE = Query(
    select(feedback)
    .where(_F.site == bindparam("site"), _F.id > bindparam("after"))
    .order_by(_F.id)
    .limit(bindparam("limit"))
)


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """A text and what somebody says it is.

    `labels` are the protocol's own names with values from 0 to 1. `key` is the id and `sender` the name of the API key
    that it came with. `reference` is what the sender calls the comment, and `about` what it answers; both may be empty.
    """

    id: str
    site: str
    at: int
    key: str
    sender: str
    protocol: str
    text: str
    labels: dict[str, float]
    language: str = ""
    reference: str = ""
    about: str = ""


async def add_feedback(tx: Connection, feedback: Feedback) -> None:
    """Store what somebody said."""
    labels = msgspec.json.encode(feedback.labels).decode()
    await tx.run(_ADD, **msgspec.structs.asdict(feedback) | {"labels": labels})


async def all_feedback(tx: Connection, site: str) -> AsyncIterator[Feedback]:
    """Yield everything that was said to a site, oldest first."""
    after = ""
    while rows := await tx.all(_OF_SITE, site=site, after=after, limit=PAGE):
        for row in rows:
            yield Feedback(**row | {"labels": msgspec.json.decode(row["labels"])})
        after = rows[-1]["id"]
