"""The words of a comment, its decisions and the log cannot be changed, even by somebody with raw SQL."""

from __future__ import annotations

from pathlib import Path

import apsw
import asyncpg
import pytest

from majlis.store.database import Database
from tests.conftest import Desk

ATTEMPTS = [
    "UPDATE comments SET body = 'something else'",
    "UPDATE comments SET body = body || ' '",
    "UPDATE comments SET author_name = 'somebody else'",
    "DELETE FROM comments",
    "UPDATE records SET note = 'I never said that'",
    "DELETE FROM records",
    "UPDATE log SET actor = 'somebody else'",
    "DELETE FROM log WHERE seq = 1",
]


async def raw(url: str, statement: str) -> None:
    """Run a statement without Majlis."""
    if url.startswith("sqlite"):
        apsw.Connection(url.removeprefix("sqlite:///")).execute(statement)
        return
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize("statement", ATTEMPTS)
async def test_the_database_refuses_to_change_what_was_written(desk: Desk, url: str, statement: str) -> None:
    await desk.publish()

    with pytest.raises((apsw.ConstraintError, asyncpg.PostgresError), match=r"never|append-only"):
        await raw(url, statement)


async def test_sqlite_refuses_to_replace_a_row(desk: Desk, url: str) -> None:
    comment = await desk.publish()
    if not url.startswith("sqlite"):
        return
    connection = apsw.Connection(url.removeprefix("sqlite:///"))
    names = [row[1] for row in connection.execute("PRAGMA table_info(comments)")]
    values = ", ".join("'other words'" if name == "body" else name for name in names)

    with pytest.raises(apsw.ConstraintError, match="never replaced"):
        connection.execute(
            f"REPLACE INTO comments ({', '.join(names)}) SELECT {values} FROM comments WHERE id = ?", (comment.id,)
        )


async def test_a_comment_can_still_be_moved(desk: Desk, database: Database, tmp_path: Path) -> None:
    comment = await desk.publish()

    assert comment.version > 0
