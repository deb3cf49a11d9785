"""Nodes that tell each other through a NATS server, and what readers see while that server is gone."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest

from majlis import errors
from majlis.config import read
from majlis.services import stories
from majlis.signals.gather import Signals
from majlis.web.live import RECHECK_SECONDS
from tests.conftest import a_story
from tests.faults.process import free_port, served, until, words
from tests.faults.test_nodes import Node, hears, node, renewed

pytestmark = pytest.mark.processes

only_postgresql = pytest.mark.parametrize("url", ["postgresql"], indirect=True)
SERVER = Path(sys.executable).with_name("nats-server")
PATIENCE = 60


@dataclasses.dataclass
class NATS:
    """A NATS server that a test may stop."""

    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [str(SERVER), "--addr", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def nats() -> Iterator[NATS]:
    server = NATS(free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def nodes(url: str, signals: Signals, nats: NATS) -> AsyncIterator[tuple[Node, Node]]:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(node(url, signals, bus=nats.url))
        second = await stack.enter_async_context(node(url, signals, bus=nats.url))
        yield first, second


@only_postgresql
async def test_a_change_is_told_through_nats_and_not_through_the_database(
    nodes: tuple[Node, Node], url: str, signals: Signals
) -> None:
    one, other = nodes
    story = await stories.publish(one.newsroom, a_story())
    async with node(url, signals) as stranger:
        heard = stranger.live.generation
        await hears(story, one, other)
        await hears(story, other, one)
        assert stranger.live.generation - heard <= 1  # its own connection, made meanwhile


@only_postgresql
async def test_readers_see_a_change_while_nats_is_gone_and_are_told_again_when_it_is_back(
    nodes: tuple[Node, Node], nats: NATS
) -> None:
    one, other = nodes
    story = await stories.publish(one.newsroom, a_story())
    await hears(story, one, other)
    assert await other.title(story) == story.title

    nats.stop()
    async with other.live.watch(story.id, story.revision) as feed:
        begun = asyncio.get_running_loop().time()
        changed = feed.changed
        await stories.publish(one.newsroom, renewed(story))
        await asyncio.wait_for(changed.wait(), PATIENCE)
        assert asyncio.get_running_loop().time() - begun < RECHECK_SECONDS + 0.5

    async def shown() -> bool:
        return await other.title(story) == "The bridge opens"

    await until(shown, 2)
    nats.start()
    await hears(story, one, other)
    await hears(story, other, one)


@only_postgresql
async def test_a_comment_sent_to_one_server_is_told_to_the_readers_of_another(
    url: str, tmp_path: Path, signals: Signals, nats: NATS
) -> None:
    async with (
        served(url, tmp_path, signals, MAJLIS_BUS=nats.url) as one,
        served(url, tmp_path, signals, MAJLIS_BUS=nats.url) as other,
        one.client() as writer,
        other.client() as reader,
        reader.stream("GET", "/api/v1/threads/events", params={"story": other.story.url}) as events,
    ):
        revisions = (line async for line in events.aiter_lines() if line.startswith("data: "))
        before = await anext(revisions)
        answer = await one.post(writer, words())
        assert answer.json()["status"] == "approved"

        async with asyncio.timeout(PATIENCE):
            assert await anext(revisions) != before
        assert answer.json()["id"] in {comment["id"] for comment in await other.thread(reader)}


def test_the_address_of_a_bus_is_checked() -> None:
    with pytest.raises(errors.ConfigInvalid, match="nats://host:4222"):
        read({"MAJLIS_BUS": "redis://127.0.0.1", "MAJLIS_DATABASE": "postgresql://db/majlis"})
    with pytest.raises(errors.ConfigInvalid, match="one process alone"):
        read({"MAJLIS_BUS": "nats://127.0.0.1", "MAJLIS_DATABASE": "sqlite:///majlis.db"})
