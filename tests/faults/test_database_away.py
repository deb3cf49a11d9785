"""PostgreSQL stops, cuts a connection or takes no writes: nothing is half stored, and all goes on when it is back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from majlis import errors
from majlis.domain.comment import Status
from majlis.services import stories
from majlis.signals.gather import Signals
from majlis.store import log
from majlis.store.database import Connection
from tests.conftest import NOON, Desk
from tests.faults.conftest import Stoppable
from tests.faults.process import Served, served, until, words

pytestmark = pytest.mark.processes

only_postgresql = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


async def status_of(server: Served, client: httpx.AsyncClient) -> int:
    """Send a comment and return the status of the answer."""
    return (await server.post(client, words())).status_code


async def test_a_server_whose_database_stops_refuses_and_takes_comments_again_afterwards(
    stoppable: Stoppable, tmp_path: Path, signals: Signals
) -> None:
    async with served(stoppable.url, tmp_path, signals) as server, server.client() as client:
        assert await status_of(server, client) == 201
        stoppable.stop()

        refused = await server.post(client, words())
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["code"] == "store-unavailable"
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200

        stoppable.start()

        async def takes() -> bool:
            return await status_of(server, client) == 201

        await until(takes, 120)
        assert len(await server.stored()) == 2
        assert server.stop() == 0
        server.verify()


async def test_comments_sent_while_the_database_restarts_are_stored_or_refused(
    stoppable: Stoppable, tmp_path: Path, signals: Signals
) -> None:
    stop = asyncio.Event()
    accepted: list[str] = []

    async def write(server: Served) -> None:
        async with server.client() as client:
            while not stop.is_set():
                body = words()
                answer = await server.post(client, body)
                assert answer.status_code in {201, 503}, answer.text
                if answer.status_code == 201:
                    accepted.append(body)

    async with served(stoppable.url, tmp_path, signals) as server:
        writers = [asyncio.create_task(write(server)) for _ in range(4)]
        for _ in range(2):
            seen = len(accepted)

            async def writes(seen: int = seen) -> bool:
                return len(accepted) > seen

            await until(writes, 240)
            await asyncio.to_thread(stoppable.stop)
            await asyncio.to_thread(stoppable.start)
        await until(writes, 240)
        stop.set()
        await asyncio.gather(*writers)

        stored = [row["body"] for row in await server.stored()]
        assert set(accepted) <= set(stored)
        assert len(set(stored)) == len(stored)

        async def all_judged() -> bool:
            return all(row["risk"] is not None for row in await server.stored())

        await until(all_judged, 240, pause=0.5)
        assert server.stop() == 0
        server.verify()


@only_postgresql
async def test_a_connection_cut_in_the_middle_of_a_transaction_leaves_nothing_behind(desk: Desk, url: str) -> None:
    database = desk.newsroom.database

    async def cut(tx: Connection) -> None:
        log.append(tx, site="main", at=NOON, kind="test", comment=None, actor="nobody", content={})
        await log.settle(tx)
        admin = await asyncpg.connect(url)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND state = 'idle in transaction'"
        )
        await admin.close()
        log.append(tx, site="main", at=NOON, kind="test", comment=None, actor="nobody", content={})

    with pytest.raises(errors.StoreUnavailable):
        await database.write(cut)

    assert await log.verify(database, "main") == 0
    assert (await desk.post()).status in set(Status)
    assert await log.verify(database, "main") == 2


@only_postgresql
async def test_a_database_that_takes_no_writes_still_serves_readers(desk: Desk, url: str) -> None:
    await desk.publish()
    name = urlsplit(url).path[1:]
    admin = await asyncpg.connect(url)

    async def follow(value: str) -> None:
        """Make it a follower, as a failover does for a while, or the leader again."""
        await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = {value}")
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    await follow("on")

    async def refuses() -> bool:
        try:
            await desk.post("Is the ferry running meanwhile?")
        except errors.StoreUnavailable as refusal:
            return "ReadOnly" in refusal.detail
        return False

    await until(refuses, 10)
    story = await stories.look_up(desk.newsroom, desk.story.url)
    assert story.comments == 1

    await follow("off")

    async def takes() -> bool:
        try:
            return (await desk.post("Is the ferry running meanwhile?")).status in set(Status)
        except errors.StoreUnavailable:
            return False

    await until(takes, 10)
    await admin.close()
