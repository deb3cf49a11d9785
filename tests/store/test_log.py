"""The decision log is a chain, and `verify` finds every way of tampering with it."""

from __future__ import annotations

import asyncio
import functools
import time
from typing import Any

import apsw
import asyncpg
import pytest

from majlis import errors
from majlis.store import log
from majlis.store.database import Connection
from tests.conftest import Desk, slowness


async def tamper(url: str, *statements: str) -> None:
    """Change the database as somebody would who owns it and removes the triggers first."""
    if url.startswith("sqlite"):
        connection = apsw.Connection(url.removeprefix("sqlite:///"))
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.close()
        return
    server: asyncpg.Connection[Any] = await asyncpg.connect(url)
    for table in ("comments", "records", "log"):
        await server.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    for statement in statements:
        await server.execute(statement)
    await server.close()


async def test_an_untouched_log_is_whole(desk: Desk) -> None:
    await desk.publish()
    await desk.reject()

    assert await log.verify(desk.newsroom.database, "main") >= 4


@pytest.mark.parametrize(
    ("statements", "broken"),
    [
        (["UPDATE log SET actor = 'nobody' WHERE seq = 2"], 2),
        (["UPDATE log SET content = '{}' WHERE seq = 1"], 1),
        (["UPDATE log SET at = at + 1 WHERE seq = 3"], 3),
        (["DELETE FROM log WHERE seq = 2"], 2),
        (["DELETE FROM log WHERE seq = 1"], 1),
        (["DELETE FROM log WHERE seq = (SELECT max(seq) FROM log)"], 4),
        (
            [
                "UPDATE log SET seq = 1000 WHERE seq = 2",
                "UPDATE log SET seq = 2 WHERE seq = 3",
                "UPDATE log SET seq = 3 WHERE seq = 1000",
            ],
            2,
        ),
        (["UPDATE comments SET body = 'other words'"], 1),
        (["UPDATE records SET clauses = '[]', note = 'better so'"], 2),
        (["UPDATE sites SET log_hash = 'forged'"], 4),
    ],
    ids=["actor", "content", "time", "removed", "first", "last", "reordered", "words", "record", "head"],
)
async def test_verify_names_the_first_broken_entry(desk: Desk, url: str, statements: list[str], broken: int) -> None:
    comment = await desk.post()
    assert comment.risk is not None
    await desk.post("Another comment about the bridge and the river.")
    assert await log.verify(desk.newsroom.database, "main") == 4

    await tamper(url, *statements)

    with pytest.raises(errors.LogBroken) as found:
        await log.verify(desk.newsroom.database, "main")
    assert found.value.seq == broken


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE comments SET status = 'approved' WHERE status = 'rejected'"],
        ["DELETE FROM log", "UPDATE sites SET log_seq = 0, log_hash = ''"],
    ],
    ids=["published behind the log's back", "a log that was emptied"],
)
async def test_verify_finds_a_comment_that_stands_where_no_entry_put_it(
    desk: Desk, url: str, statements: list[str]
) -> None:
    await desk.publish()
    await desk.reject()
    await log.verify(desk.newsroom.database, "main")

    await tamper(url, *statements)

    with pytest.raises(errors.LogBroken, match=r"[nN]o entry"):
        await log.verify(desk.newsroom.database, "main")


async def test_an_unknown_site_is_an_error(desk: Desk) -> None:
    with pytest.raises(errors.NotFound, match="nowhere"):
        await log.verify(desk.newsroom.database, "nowhere")


async def test_comments_that_come_at_the_same_moment_do_not_wait_for_each_other_in_a_ring(desk: Desk) -> None:
    started = time.monotonic()
    await asyncio.gather(*(desk.post(f"Question {number} about the bridge, please?") for number in range(12)))
    # PostgreSQL finds a ring of waiting transactions after one second, and each try may end in another.
    assert time.monotonic() - started < slowness()
    assert await log.verify(desk.newsroom.database, "main") == 24


@pytest.mark.parametrize("failing", [0, 3, 7])
async def test_what_fails_among_others_is_undone_with_what_it_told_and_the_others_stand(
    desk: Desk, failing: int
) -> None:
    database = desk.newsroom.database
    before = await log.verify(database, "main")
    done = []

    async def tell(tx: Connection, number: int) -> int:
        log.append(tx, site="main", at=number, kind="test", comment=None, actor=f"actor-{number}", content={})
        if number == failing:
            raise errors.NotFound(f"Number {number} fails.")
        done.append(number)
        return number

    outcomes = await asyncio.gather(
        *(database.write(functools.partial(tell, number=number)) for number in range(8)), return_exceptions=True
    )

    assert [one for one in outcomes if isinstance(one, errors.NotFound)] == [outcomes[failing]]
    assert [one for one in outcomes if isinstance(one, int)] == [number for number in range(8) if number != failing]
    assert await log.verify(database, "main") == before + 7
    assert failing not in done
