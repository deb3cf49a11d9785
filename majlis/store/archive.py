"""All rows of a site, table by table, as they are: out for an archive, and back in from one. It explains none of them.

Passwords, sessions, keys and one-time logins stay out: an archive is handed about, and nobody logs in with it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Float, Select, Table, Text, bindparam, insert, select, update

from majlis import errors
from majlis.store.database import Connection
from majlis.store.query import Query, Row, Value, among
from majlis.store.tables import (
    appeals,
    comments,
    feedback,
    guidelines,
    imports,
    likes,
    log,
    policies,
    records,
    reports,
    sites,
    staff,
    stories,
)

TABLES: Mapping[str, Table] = {
    str(table.name): table
    for table in (
        sites,
        guidelines,
        policies,
        staff,
        feedback,
        stories,
        comments,
        imports,
        records,
        likes,
        reports,
        appeals,
        log,
    )
}
"""In the order in which rows can be put in: what is named before what names it."""

PAGE = 1_000
_SECRET = {"staff": ("password",)}
_OF_COMMENT = {"imports", "likes"}
_LATER: Mapping[str, Row] = {"staff": {"removed_at": None}}
"""Columns that archives of earlier versions do not have yet, with what stood for them then."""


def _reading(table: Table) -> Query:
    """Return the query for the rows of a site that come after one key, in the order of the keys."""
    keys = list(table.primary_key.columns)
    last = keys[-1]
    statement: Select[Any] = select(*table.columns)
    if table is sites:
        statement = statement.where(table.c.id == bindparam("site"))
    elif table.name in _OF_COMMENT:
        statement = statement.join(comments, comments.c.id == table.c.comment).where(
            comments.c.site == bindparam("site")
        )
    elif "site" in table.c:
        statement = statement.where(table.c.site == bindparam("site"))
    if table is likes:
        first = table.c.comment
        statement = statement.where(
            (first > bindparam("before")) | ((first == bindparam("before")) & (table.c.reader > bindparam("after")))
        ).order_by(first, table.c.reader)
    else:
        statement = statement.where(last > bindparam("after")).order_by(last)
    return Query(statement.limit(bindparam("limit")))


def _knowing(table: Table) -> Query:
    """Return the query for the keys of those rows that are there, of the ids given or of a range of the log."""
    keys = list(table.primary_key.columns)
    if table is log:
        return Query(
            select(*keys).where(
                log.c.site == bindparam("site"), log.c.seq >= bindparam("first"), log.c.seq <= bindparam("last")
            )
        )
    return Query(lambda dialect: select(*keys).where(among(keys[0], dialect)))


_READING = {name: _reading(table) for name, table in TABLES.items()}
_KNOWING = {name: _knowing(table) for name, table in TABLES.items()}
_ADDING = {name: Query(insert(table)) for name, table in TABLES.items()}
_STORIES = Query(select(stories.c.id).where(stories.c.site == bindparam("site")).limit(1))
_SET_HEAD = Query(
    update(sites).where(sites.c.id == bindparam("old_id")).values(log_seq=bindparam("seq"), log_hash=bindparam("hash"))
)
_HEAD = Query(select(sites.c.log_seq, sites.c.log_hash).where(sites.c.id == bindparam("site")))


async def rows(tx: Connection, *, site: str, table: str) -> AsyncIterator[Row]:
    """Yield the rows of a site in one table, in the order of their keys, without what nobody else may have."""
    last: Value = 0 if table == "log" else ""
    before: Value = ""
    key = list(TABLES[table].primary_key.columns)[-1].name
    while True:
        page = await tx.all(_READING[table], site=site, after=last, before=before, limit=PAGE)
        for row in page:
            yield row | dict.fromkeys(_SECRET.get(table, ()), None)
        if len(page) < PAGE:
            return
        last, before = page[-1][key], page[-1].get("comment") or ""


async def head(tx: Connection, site: str) -> tuple[int, str] | None:
    """Return how many entries the log of a site has and the hash of the last; None without that site."""
    row = await tx.one(_HEAD, site=site)
    return (row["log_seq"], row["log_hash"]) if row else None


async def is_new(tx: Connection, site: str) -> bool:
    """Return whether nothing was ever said or published on a site that is there."""
    end = await head(tx, site)
    return end is not None and end[0] == 0 and await tx.one(_STORIES, site=site) is None


async def set_head(tx: Connection, *, site: str, seq: int, hash: str) -> None:
    """Set where the log of a site ends, before the entries of an archive are put in."""
    await tx.run(_SET_HEAD, old_id=site, seq=seq, hash=hash)


async def add(tx: Connection, table: str, given: Sequence[Row]) -> int:
    """Put those rows in that are not there yet, as they are. Return how many they were."""
    keys = [column.name for column in TABLES[table].primary_key.columns]
    if table == "log":
        limits = {"site": given[0]["site"], "first": given[0]["seq"], "last": given[-1]["seq"]}
        stored = await tx.all(_KNOWING[table], **limits)
    else:
        stored = await tx.all(_KNOWING[table], ids=msgspec.json.encode([row[keys[0]] for row in given]).decode())
    there = {tuple(row[key] for key in keys) for row in stored}
    new = [row for row in given if tuple(row[key] for key in keys) not in there]
    await tx.many(_ADDING[table], new)
    return len(new)


def check(table: str, row: object) -> Row:
    """Return a row if it is one of this table. Raises errors.InvalidInput."""
    if table not in TABLES:
        raise errors.InvalidInput(f"There is no table {table[:40]!r}.")
    columns = {str(column.name): column for column in TABLES[table].columns}
    if isinstance(row, dict):
        row = _LATER.get(table, {}) | row
    if not isinstance(row, dict) or set(row) != set(columns):
        raise errors.InvalidInput(f"It is not a row of {table}: its columns are others.")
    for name, value in row.items():
        if not _fits(columns[name], value):
            raise errors.InvalidInput(f"Its column {name} holds a value of another kind.")
    return row


def _fits(column: Column[Any], value: object) -> bool:
    if value is None:
        return bool(column.nullable)
    if isinstance(column.type, BigInteger):
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    if isinstance(column.type, Float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(column.type, Text) and isinstance(value, str) and "\0" not in value
