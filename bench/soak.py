"""Mixed load for a long time: whether a server's memory and open files stay what they were.

Readers, posters, readers who watch live and leave, and visitors who break off in the middle of a request. Much less
than the server could take: what grows here grows with time and not with load.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench import ours
from bench.live import EVENT
from bench.load import Request, ask, encode
from bench.target import BROTLI, BUSY, POSTERS, READ_20, READ_200, UNCHANGED, Target, posted

READERS, WRITERS, WATCHERS = 4, 2, 20
PARTS = 6
"""Parts of the time that are reported. The first is not compared: caches fill."""

BUSY_ONE = BUSY.replace("{story}", "1")
SAMPLE_SECONDS = 5.0


@dataclass(frozen=True)
class Sample:
    """MiB and open files of a server's process tree at a moment."""

    rss: float
    files: int


@dataclass
class Soaked:
    """What a server went through. `posted` and `read` count answers."""

    samples: list[Sample] = field(default_factory=list)
    read: int = 0
    posted: int = 0
    watched: int = 0

    def parts(self) -> list[tuple[float, float]]:
        """Return the median MiB and open files of each part of the time."""
        size = max(1, len(self.samples) // PARTS)
        pieces = [self.samples[first : first + size] for first in range(0, size * PARTS, size)]
        return [
            (statistics.median(one.rss for one in piece), statistics.median(one.files for one in piece))
            for piece in pieces
            if piece
        ]


def measure(targets: Sequence[Target], seconds: float) -> dict[str, Soaked]:
    """Put the load on all targets at once. Raises SystemExit where an answer is an error."""
    return asyncio.run(_all(targets, seconds))


async def _all(targets: Sequence[Target], seconds: float) -> dict[str, Soaked]:
    found = {one.name: Soaked() for one in targets}
    await asyncio.gather(*(_one(one, found[one.name], seconds) for one in targets))
    return found


async def _one(target: Target, soaked: Soaked, seconds: float) -> None:
    end = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for _ in range(READERS):
            group.create_task(_reader(target, soaked, end))
        for _ in range(WRITERS):
            group.create_task(_writer(target, soaked, end))
        for _ in range(WATCHERS):
            group.create_task(_watcher(target, soaked, end))
        group.create_task(_breaking_off(target, end))
        group.create_task(_sampled(target, soaked, end))


async def _sampled(target: Target, soaked: Soaked, end: float) -> None:
    while time.monotonic() < end:
        await asyncio.sleep(SAMPLE_SECONDS)
        soaked.samples.append(Sample(target.server.rss(), target.server.files()))


async def _reader(target: Target, soaked: Soaked, end: float) -> None:
    reads = [target.cases[name] for name in (READ_20, READ_200, BROTLI, UNCHANGED)]
    reads.append(Request(path=ours.thread(BUSY_ONE)))
    while time.monotonic() < end:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.server.port)
        for _ in range(random.randrange(1, 200)):
            soaked.read += await _answered(reader, writer, random.choice(reads))
            await asyncio.sleep(random.uniform(0, 0.04))
        writer.close()


async def _writer(target: Target, soaked: Soaked, end: float) -> None:
    request = target.cases[posted(POSTERS[0])]
    while time.monotonic() < end:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.server.port)
        for _ in range(random.randrange(1, 50)):
            soaked.posted += await _answered(reader, writer, request)
            await asyncio.sleep(random.uniform(0, 0.4))
        writer.close()


async def _answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request) -> int:
    status, head, _ = await ask(reader, writer, encode(request))
    if status >= 400:
        raise SystemExit(f"{request.path} answered {head[:60]!r}")
    return 1


async def _watcher(target: Target, soaked: Soaked, end: float) -> None:
    path = ours.thread(BUSY_ONE).replace("/threads?", "/threads/events?")
    while time.monotonic() < end:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.server.port)
        writer.write(encode(Request(path=path)))
        try:
            async with asyncio.timeout(random.uniform(1, 20)):
                while await reader.readuntil(EVENT):
                    soaked.watched += 1
        except TimeoutError:
            writer.close()


async def _breaking_off(target: Target, end: float) -> None:
    """Send parts of requests and go."""
    whole = encode(target.cases[posted(POSTERS[0])])
    while time.monotonic() < end:
        _, writer = await asyncio.open_connection("127.0.0.1", target.server.port)
        writer.write(whole[: random.randrange(1, len(whole))])
        await asyncio.sleep(random.uniform(0, 0.5))
        writer.close()
