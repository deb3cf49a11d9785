"""`majlis serve --workers N`: several processes at one port, on PostgreSQL, each begun again when it dies."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from majlis.serving import FINISH_SECONDS
from majlis.signals.gather import Signals
from tests.faults.process import MAJLIS, Served, free_port, served, until, words

pytestmark = pytest.mark.processes

only_postgresql = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


def workers(server: Served) -> list[psutil.Process]:
    """Return the processes that answer."""
    assert server.process is not None
    return psutil.Process(server.process.pid).children()


@pytest.fixture
async def pair(url: str, tmp_path: Path, signals: Signals) -> AsyncIterator[Served]:
    async with served(url, tmp_path, signals, "--workers", "2") as server:
        yield server


async def answers(server: Served) -> bool:
    """Whether a new connection is answered."""
    try:
        async with server.client() as client:
            return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False


@only_postgresql
async def test_a_worker_that_died_is_begun_again_and_the_others_go_on(pair: Served) -> None:
    before = workers(pair)
    assert len(before) == 2

    async def both_listen() -> bool:
        listening = [
            process
            for process in workers(pair)
            if any(one.laddr.port == pair.config.port for one in process.net_connections() if one.status == "LISTEN")
        ]
        return len(listening) == 2

    await until(both_listen, 120)
    os.kill(before[0].pid, signal.SIGKILL)
    await until(lambda: answers(pair), 60)
    await until(both_listen, 120)

    assert before[1].pid in {process.pid for process in workers(pair)}
    assert "a worker ended and is begun again" in pair.log.read_text()
    async with pair.client() as client:
        assert (await pair.post(client, words())).status_code == 201


@only_postgresql
async def test_a_stop_finishes_what_was_begun_and_leaves_no_process(pair: Served) -> None:
    processes = workers(pair)

    async def post() -> int:
        async with pair.client() as client:
            return (await pair.post(client, words())).status_code

    async with (
        pair.client() as client,
        client.stream("GET", "/api/v1/threads/events", params={"story": pair.story.url}),
    ):
        posting = [asyncio.create_task(post()) for _ in range(4)]
        await asyncio.sleep(0.2)
        assert pair.process is not None
        pair.process.terminate()
        sent = await asyncio.gather(*posting, return_exceptions=True)
        assert await asyncio.to_thread(pair.process.wait, 60) == 0

    assert not [process for process in processes if process.is_running()]
    accepted = sum(status == 201 for status in sent)
    assert len(await pair.stored()) >= accepted
    pair.verify()


async def test_a_stop_does_not_wait_for_readers_who_watch(tmp_path: Path, signals: Signals) -> None:
    async with served(f"sqlite:///{tmp_path / 'majlis.db'}", tmp_path, signals) as server, server.client() as client:
        async with client.stream("GET", "/api/v1/threads/events", params={"story": server.story.url}) as events:
            lines = events.aiter_lines()
            assert await anext(lines) == "event: revision"
            assert server.process is not None
            begun = time.monotonic()
            server.process.terminate()
            async for _ in lines:
                pass
            assert await asyncio.to_thread(server.process.wait, 60) == 0
        assert time.monotonic() - begun < FINISH_SECONDS


@only_postgresql
async def test_workers_stop_when_their_parent_is_gone(pair: Served) -> None:
    processes = workers(pair)
    assert pair.process is not None
    pair.process.kill()
    pair.process.wait(30)

    async def gone() -> bool:
        return not any(process.is_running() for process in processes)

    await until(gone, 60)


def refused(database: str) -> subprocess.CompletedProcess[str]:
    """Ask for two workers on a database that they cannot serve, and wait until they have given up."""
    environment = {
        "MAJLIS_DATABASE": database,
        "MAJLIS_SECRET": "a secret that only the tests know, long enough",
        "MAJLIS_PUBLIC_URL": "http://localhost",
        "MAJLIS_PORT": str(free_port()),
    }
    return subprocess.run(
        [MAJLIS, "serve", "--workers", "2"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_sqlite_file_is_served_by_one_process_only(tmp_path: Path) -> None:
    said = refused(f"sqlite:///{tmp_path / 'majlis.db'}")
    assert said.returncode == 2
    assert said.stderr.startswith("majlis: 2 workers cannot serve one SQLite file")


def test_workers_that_cannot_begin_say_why_and_are_not_begun_again() -> None:
    said = refused(f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    assert said.returncode == 2
    assert "majlis: PostgreSQL cannot be reached" in said.stderr
    assert "Traceback" not in said.stderr
