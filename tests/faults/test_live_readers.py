"""Many readers watch a thread: all are told on every node, and one who takes nothing is dropped and holds up nobody."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from majlis.services import stories
from majlis.signals.gather import Signals
from majlis.web.live import EventStream, Live
from tests.faults.process import served, until
from tests.faults.test_nodes import node, renewed

pytestmark = pytest.mark.processes

READERS, ASLEEP = 200, 20
PATIENCE = 60


async def test_a_reader_who_takes_nothing_is_dropped_and_the_others_are_told() -> None:
    live = Live(patience=0.05)
    told: list[bytes] = []

    async def stay() -> Any:
        await asyncio.Event().wait()

    async def read(message: Any) -> None:
        if message.get("body"):
            told.append(message["body"])

    async def sleep(message: Any) -> None:
        if message.get("body"):
            await asyncio.Event().wait()

    reading = asyncio.create_task(EventStream(live, "story", 0)({}, stay, read))
    sleeping = asyncio.create_task(EventStream(live, "story", 0)({}, stay, sleep))

    async def both_watch() -> bool:
        return live.count == 2

    await until(both_watch, 5)
    following = asyncio.create_task(live.follow(lambda _: asyncio.sleep(0, {"story": 7})))
    async with asyncio.timeout(5):
        await sleeping
    assert live.count == 1

    async def told_of_the_newest() -> bool:
        return told[-1:] == [b"event: revision\ndata: 7\n\n"]

    await until(told_of_the_newest, 5)
    for task in (reading, following):
        task.cancel()
    await asyncio.gather(reading, following, return_exceptions=True)
    assert live.count == 0


async def test_a_reader_who_leaves_is_forgotten_and_one_who_stays_is_told_that_we_are_still_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("majlis.web.live.RECHECK_SECONDS", 0.01)
    monkeypatch.setattr("majlis.web.live.KEEPALIVE_SECONDS", 0.02)
    live = Live()
    leaving = asyncio.Event()
    told: list[bytes] = []

    async def leave() -> Any:
        await leaving.wait()
        return {"type": "http.disconnect"}

    async def read(message: Any) -> None:
        told.append(message.get("body", b""))

    watching = asyncio.create_task(EventStream(live, "story", 3)({}, leave, read))
    following = asyncio.create_task(live.follow(lambda _: asyncio.sleep(0, {"story": 3})))

    async def told_again() -> bool:
        return told[-1:] == [b": still here\n\n"]

    await until(told_again, 5)
    assert told[1] == b"event: revision\ndata: 3\n\n"
    leaving.set()
    async with asyncio.timeout(5):
        await watching
    assert live.count == 0
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_the_readers_of_every_worker_are_told(url: str, tmp_path: Path, signals: Signals) -> None:
    async with served(url, tmp_path, signals, "--workers", "2") as server, node(url, signals) as other:
        watch = f"GET /api/v1/threads/events?story={quote(server.story.url, safe='')} HTTP/1.1\r\nhost: x\r\n\r\n"

        async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.config.port)
            writer.write(watch.encode())
            await reader.readuntil(b"\ndata: ")
            return reader, writer

        async def asleep() -> socket.socket:
            taken = socket.socket()
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            taken.setblocking(False)
            await asyncio.get_running_loop().sock_connect(taken, ("127.0.0.1", server.config.port))
            await asyncio.get_running_loop().sock_sendall(taken, watch.encode())
            return taken

        sleepers = [await asleep() for _ in range(ASLEEP)]
        readers = [await connect() for _ in range(READERS)]

        await stories.publish(other.newsroom, renewed(server.story))

        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(reader.readuntil(b"\ndata: ") for reader, _ in readers))

        for _, writer in readers:
            writer.close()
        for sleeper in sleepers:
            sleeper.close()

        async def nobody_watches() -> bool:
            """Whether no worker counts a watcher any more; a new connection reaches either of them."""
            for _ in range(12):
                async with server.client() as client:
                    if "majlis_live_readers 0.0" not in (await client.get("/metrics")).text:
                        return False
            return True

        await until(nobody_watches, PATIENCE)
