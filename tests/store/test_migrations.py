"""Migrating leads to exactly the tables that the queries are written for, and again changes nothing."""

from __future__ import annotations

from typing import Any

import apsw
import asyncpg
from sqlalchemy import column, select, table

from majlis.store import migrate
from majlis.store.database import Database, connect
from majlis.store.query import Query
from majlis.store.tables import metadata

VERSION = Query(select(column("version_num")).select_from(table("alembic_version")))


async def columns(url: str) -> dict[str, set[str]]:
    """Return the columns of every table that is in a database."""
    if url.startswith("sqlite"):
        raw = apsw.Connection(url.removeprefix("sqlite:///"))
        names = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: {row[1] for row in raw.execute(f"PRAGMA table_info({name})")} for name in names}
    server: asyncpg.Connection[Any] = await asyncpg.connect(url)
    rows = await server.fetch(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    )
    await server.close()
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["table_name"], set()).add(row["column_name"])
    return found


async def indexes(url: str) -> set[str]:
    """Return the names of all indexes of a database."""
    if url.startswith("sqlite"):
        raw = apsw.Connection(url.removeprefix("sqlite:///"))
        return {name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    server: asyncpg.Connection[Any] = await asyncpg.connect(url)
    rows = await server.fetch("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
    await server.close()
    return {row["indexname"] for row in rows}


async def test_migrating_makes_the_tables_that_the_queries_know(url: str) -> None:
    opened = await connect(url)
    await opened.close()

    made = await columns(url)
    made.pop("alembic_version")
    assert made == {name: set(table.columns.keys()) for name, table in metadata.tables.items()}
    named = {index.name for table in metadata.tables.values() for index in table.indexes}
    assert named <= await indexes(url)


async def test_the_newest_revision_is_the_one_that_migrating_leads_to(database: Database) -> None:
    row = await database.read(lambda tx: tx.one(VERSION))

    assert row == {"version_num": migrate.newest()}


async def test_opening_twice_changes_nothing(url: str) -> None:
    for _ in range(2):
        opened = await connect(url)
        before = await columns(url)
        await opened.close()

    assert await columns(url) == before
