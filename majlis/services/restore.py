"""Putting rows of our own archive back, as they were. It refuses to mix two histories of one site."""

from __future__ import annotations

from collections.abc import Sequence

from majlis import errors
from majlis.store import archive
from majlis.store.database import Connection, Database
from majlis.store.query import Row


async def begin(database: Database, *, site: str, entries: int, head: str) -> None:
    """Make sure that a site may take this archive: it is not there, is new, or took a part of the same one before.

    Raises:
        errors.ArchiveInvalid: the site has a history of its own.
    """

    async def work(tx: Connection) -> None:
        there = await archive.head(tx, site)
        if there is None or there == (entries, head):
            return
        if not await archive.is_new(tx, site):
            raise errors.ArchiveInvalid(
                f"The site {site!r} in the database has stories or decisions that are not the archive's.",
                hint="Import the archive into an empty database.",
            )
        await archive.set_head(tx, site=site, seq=entries, hash=head)

    await database.write(work)


async def put_rows(database: Database, *, table: str, rows: Sequence[Row]) -> int:
    """Store those rows that are not there yet, and return how many they were."""
    return await database.write(lambda tx: archive.add(tx, table, rows))
