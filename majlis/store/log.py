"""The decision log of a site: append-only, each entry holding the hash of the one before it.

It proves what was decided and that no words were changed, and it holds no words itself: bodies and records enter as
hashes. Whoever can rewrite the whole database can rewrite the whole chain; keep the head's hash elsewhere to notice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, or_, select, update

from majlis import errors
from majlis.domain.comment import Status
from majlis.store.database import Connection, Database
from majlis.store.query import Query, Row
from majlis.store.tables import comments, imports, log, records, sites

_L = log.c
_HEAD = Query(
    select(sites.c.log_seq, sites.c.log_hash).where(sites.c.id == bindparam("site")).with_for_update(key_share=True)
)
_SET_HEAD = Query(
    update(sites).where(sites.c.id == bindparam("site")).values(log_seq=bindparam("seq"), log_hash=bindparam("hash"))
)
_ADD = Query(insert(log))
_FROM = Query(
    select(log)
    .where(_L.site == bindparam("site"), _L.seq > bindparam("after"))
    .order_by(_L.seq)
    .limit(bindparam("limit"))
)
_OF_COMMENT = Query(select(log).where(_L.comment == bindparam("comment")).order_by(_L.seq))
_SITES = Query(select(sites.c.id).order_by(sites.c.id))
_HASH = Query(select(_L.hash).where(_L.site == bindparam("site"), _L.seq == bindparam("seq")))
_BODY = Query(select(comments.c.body).where(comments.c.id == bindparam("id")))
_RECORD = Query(select(records).where(records.c.id == bindparam("id")))
_ORIGINAL = Query(select(imports.c.original).where(imports.c.comment == bindparam("id")))

_OF_IT = (_L.site == comments.c.site) & (_L.comment == comments.c.id)
_MOVED = _OF_IT & or_(*(_L.kind == status.value for status in Status))
_TOLD = or_(_L.kind == "submitted", _L.kind == "imported")
_COMMENTS = Query(
    select(
        comments.c.id,
        comments.c.status,
        select(_L.seq).where(_OF_IT, _TOLD).limit(1).scalar_subquery().label("submitted"),
        select(_L.seq).where(_MOVED).order_by(_L.seq.desc()).limit(1).scalar_subquery().label("moved"),
        select(_L.kind).where(_MOVED).order_by(_L.seq.desc()).limit(1).scalar_subquery().label("logged"),
    )
    .where(comments.c.site == bindparam("site"), comments.c.id > bindparam("after"))
    .order_by(comments.c.id)
    .limit(bindparam("limit"))
)

START = "0" * 64
"""The `previous` of the first entry."""

PAGE = 1_000


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `content` is JSON text; `hash` covers every other field."""

    site: str
    seq: int
    at: int
    kind: str
    comment: str | None
    actor: str
    content: str
    previous: str
    hash: str


def body_hash(body: str) -> str:
    """Return the hash under which the log knows a comment's words."""
    return sha256(body.encode("utf-8")).hexdigest()


def row_hash(row: dict[str, Any]) -> str:
    """Return the hash under which the log knows a stored record: all its columns, in the order of their names."""
    return sha256(msgspec.json.encode(row, order="sorted")).hexdigest()


def _hash(site: str, seq: int, at: int, kind: str, comment: str | None, actor: str, content: str, previous: str) -> str:
    return sha256(msgspec.json.encode([site, seq, at, kind, comment, actor, content, previous])).hexdigest()


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry tells, before it has its place in the chain."""

    site: str
    at: int
    kind: str
    comment: str | None
    actor: str
    content: dict[str, Any]


def append(
    tx: Connection, *, site: str, at: int, kind: str, comment: str | None, actor: str, content: dict[str, Any]
) -> None:
    """Have an entry added to a site's log at the end of the transaction of what it tells of."""
    tx.told.append(Event(site=site, at=at, kind=kind, comment=comment, actor=actor, content=content))


async def settle(tx: Connection) -> None:
    """Add to the logs what was told in this transaction. Done once at its end, however much was told."""
    for site in dict.fromkeys(event.site for event in tx.told):
        await _append(tx, site, [event for event in tx.told if event.site == site])


async def _append(tx: Connection, site: str, events: Sequence[Event]) -> None:
    head = await tx.one(_HEAD, site=site)
    assert head is not None, site
    seq, previous = head["log_seq"], head["log_hash"] or START
    rows = []
    for event in events:
        seq += 1
        text = msgspec.json.encode(event.content, order="sorted").decode()
        digest = _hash(site, seq, event.at, event.kind, event.comment, event.actor, text, previous)
        told = msgspec.structs.asdict(event)
        rows.append(told | {"content": text, "seq": seq, "previous": previous, "hash": digest})
        previous = digest
    await tx.many(_ADD, rows)
    await tx.run(_SET_HEAD, site=site, seq=seq, hash=previous)


async def of_comment(tx: Connection, comment: str) -> list[Entry]:
    """Return everything that the log says of a comment, oldest first."""
    return [Entry(**row) for row in await tx.all(_OF_COMMENT, comment=comment)]


async def site_ids(tx: Connection) -> list[str]:
    """Return the ids of all sites."""
    return [row["id"] for row in await tx.all(_SITES)]


async def hash_of(tx: Connection, *, site: str, seq: int) -> str | None:
    """Return the hash of an entry, which covers all entries before it; None where there is no such entry."""
    row = await tx.one(_HASH, site=site, seq=seq)
    return row["hash"] if row else None


async def _entries(database: Database, site: str) -> AsyncIterator[Entry]:
    after = 0
    while True:
        seen = after

        async def next_page(tx: Connection, seen: int = seen) -> list[Entry]:
            return [Entry(**row) for row in await tx.all(_FROM, site=site, after=seen, limit=PAGE)]

        entries = await database.scan(next_page)
        for entry in entries:
            yield entry
        if len(entries) < PAGE:
            return
        after = entries[-1].seq


async def verify(database: Database, site: str) -> int:
    """Walk a site's log and compare it with the words and records it tells of. Return the number of entries.

    Raises:
        errors.LogBroken: an entry was changed, removed or reordered, or words or records no longer fit it.
    """
    head = await database.scan(lambda tx: tx.one(_HEAD_READ, site=site))
    if head is None:
        raise errors.NotFound(f"There is no site {site!r} in this database.")
    seq, previous = 0, START
    async for entry in _entries(database, site):
        seq += 1
        _check_link(entry, seq=seq, previous=previous)
        await _check_content(database, entry)
        previous = entry.hash
        if seq == head["log_seq"] and previous != head["log_hash"]:
            raise errors.LogBroken(f"The site's head does not fit entry {seq}.", seq=seq)
    if seq < head["log_seq"]:
        raise errors.LogBroken(
            f"Entry {seq + 1} is missing: the site counts {head['log_seq']} entries and {seq} are there.",
            seq=seq + 1,
        )
    await _check_comments(database, site, seq)
    return seq


_HEAD_READ = Query(select(sites.c.log_seq, sites.c.log_hash).where(sites.c.id == bindparam("site")))


def _check_link(entry: Entry, *, seq: int, previous: str) -> None:
    if entry.seq != seq:
        raise errors.LogBroken(f"Entry {seq} is missing; entry {entry.seq} follows.", seq=seq)
    if entry.previous != previous:
        raise errors.LogBroken(f"Entry {seq} does not follow the one before it.", seq=seq)
    expected = _hash(
        entry.site, entry.seq, entry.at, entry.kind, entry.comment, entry.actor, entry.content, entry.previous
    )
    if entry.hash != expected:
        raise errors.LogBroken(f"Entry {seq} was changed after it was written.", seq=seq)


async def _check_content(database: Database, entry: Entry) -> None:
    content = msgspec.json.decode(entry.content, type=dict[str, Any])
    if "body" in content:
        row = await database.scan(lambda tx: tx.one(_BODY, id=entry.comment))
        if row is None or body_hash(row["body"]) != content["body"]:
            raise errors.LogBroken(
                f"The words of comment {entry.comment} are not those of entry {entry.seq}.", seq=entry.seq
            )
    if "original" in content:
        row = await database.scan(lambda tx: tx.one(_ORIGINAL, id=entry.comment))
        if row is None or body_hash(row["original"] or "") != content["original"]:
            raise errors.LogBroken(
                f"The original of comment {entry.comment} is not that of entry {entry.seq}.", seq=entry.seq
            )
    if "record" in content:
        row = await database.scan(lambda tx: tx.one(_RECORD, id=content["record"]))
        if row is None or row_hash(row) != content["record_hash"]:
            raise errors.LogBroken(f"The record of entry {entry.seq} is not the one that was written.", seq=entry.seq)


async def _check_comments(database: Database, site: str, last: int) -> None:
    """Compare every comment with the last entry that moved it. An entry that moves one has the new status as kind.

    A comment of which the log knows nothing is blamed on the entry that would have followed the last.
    """
    after = ""
    while True:
        seen = after

        async def next_page(tx: Connection, seen: str = seen) -> list[Row]:
            return await tx.all(_COMMENTS, site=site, after=seen, limit=PAGE)

        rows = await database.scan(next_page)
        for row in rows:
            if row["submitted"] is None:
                raise errors.LogBroken(f"No entry tells of comment {row['id']}.", seq=last + 1)
            if row["status"] != (row["logged"] or Status.PENDING.value):
                raise errors.LogBroken(
                    f"Comment {row['id']} is {row['status']}, and no entry made it so.",
                    seq=row["moved"] or row["submitted"],
                )
        if len(rows) < PAGE:
            return
        after = rows[-1]["id"]
