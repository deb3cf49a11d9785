"""More comments than can be judged: the surplus is turned away, what was taken is there, and then all is well again."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from majlis.services.limits import PLACES
from majlis.signals.gather import Signals
from tests.faults.process import Served, name_of, served, until, words

pytestmark = pytest.mark.processes

FEW, MANY = 8, 3 * PLACES
CALM_SECONDS = 4.0
SPEED, ROUNDS = 0.7, 8
PATIENCE = 240
GROWTH = 48 * 1024 * 1024


@dataclass
class Load:
    """What a number of clients at once were answered."""

    seconds: float = 0
    statuses: Counter[int] = field(default_factory=Counter)
    taken: set[str] = field(default_factory=set)
    unexplained: int = 0

    @property
    def rate(self) -> float:
        """Comments taken in a second."""
        return len(self.taken) / self.seconds


async def post(server: Served, clients: int, seconds: float) -> Load:
    """Have so many clients post for a while, each the next comment as soon as it is answered."""
    load = Load(seconds)
    connections = [await asyncio.open_connection("127.0.0.1", server.config.port) for _ in range(clients)]
    end = time.monotonic() + seconds

    async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while time.monotonic() < end:
            body = words()
            sent = {"story": {"url": server.story.url}, "author": {"name": name_of(body)}, "body": body}
            data = json.dumps(sent).encode()
            writer.write(
                b"POST /api/v1/comments HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n%b" % (server.key.encode(), len(data), data)
            )
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            size = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(size))
            status = int(head[9:12])
            load.statuses[status] += 1
            if status == 201:
                load.taken.add(body)
            elif b"retry-after: " not in head:
                load.unexplained += 1
            else:
                await asyncio.sleep(0.5)
        writer.close()

    await asyncio.gather(*(client(*connection) for connection in connections))
    return load


@pytest.mark.timeout(1800)
async def test_a_server_that_is_asked_for_too_much_recovers(
    url: str, tmp_path: Path, signals: Signals, pytestconfig: pytest.Config
) -> None:
    async with served(url, tmp_path, signals) as server:
        assert server.process is not None
        process = psutil.Process(server.process.pid)
        await post(server, FEW, CALM_SECONDS)
        before = await post(server, FEW, CALM_SECONDS)
        first = await post(server, MANY, pytestconfig.getoption("--overload"))
        held = process.memory_info().rss
        second = await post(server, MANY, pytestconfig.getoption("--overload"))
        rounds = [await post(server, FEW, CALM_SECONDS)]
        while rounds[-1].rate < SPEED * before.rate and len(rounds) < ROUNDS:  # another program may want the machine
            rounds.append(await post(server, FEW, CALM_SECONDS))
        grown = process.memory_info().rss - held

        for load in (first, second):
            assert set(load.statuses) == {201, 503}
            assert load.unexplained == 0
        assert all(set(load.statuses) == {201} for load in rounds)
        assert rounds[-1].rate >= SPEED * before.rate
        assert grown < GROWTH
        print(f"{before.rate:.0f}/s before, {rounds[-1].rate:.0f}/s after, {grown >> 10} KiB grown")

        async def all_judged() -> bool:
            return all(row["risk"] is not None for row in await server.stored())

        await until(all_judged, PATIENCE, pause=1)
        stored = {row["body"] for row in await server.stored()}
        assert set().union(*(load.taken for load in (before, first, second, *rounds))) <= stored
        assert server.stop() == 0
        server.verify()
