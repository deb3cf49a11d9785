"""A server that is killed at any moment has lost nothing that it said yes to, and shows nothing that nobody judged."""

from __future__ import annotations

import asyncio
import random
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from majlis.signals.gather import Signals
from tests.faults.process import START_SECONDS, Served, served, until, words

pytestmark = pytest.mark.processes

POSTERS = 8
MEASURED = 3
RESTART_SECONDS = 2.0
"""How much longer a start after a crash may take than Python needs to import Majlis on this machine."""


@dataclass
class Poster:
    """Somebody who writes comments, and sends one that got no answer again, under the same key.

    Attributes:
        accepted: the words by the id that the server gave them.
    """

    server: Served
    accepted: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)

    async def write(self, stop: asyncio.Event) -> None:
        """Write until told to stop, each comment until it is accepted."""
        async with self.server.client() as client:
            while not stop.is_set():
                body = words()
                self.sent.add(body)
                await self._deliver(client, body)

    async def _deliver(self, client: httpx.AsyncClient, body: str) -> None:
        key = secrets.token_hex(8)
        while True:
            try:
                answer = await self.server.post(client, body, **{"idempotency-key": key})
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if answer.status_code == 201:
                self.accepted[answer.json()["id"]] = body
                return
            assert answer.status_code == 503, answer.text


async def nothing_unjudged_is_public(server: Served) -> None:
    """Check that readers see approved comments only, each with a decision of its own."""
    async with server.client() as client:
        shown = {comment["id"]: comment["body"] for comment in await server.thread(client)}
    stored = {row["id"]: row for row in await server.stored()}
    for id, body in shown.items():
        assert stored[id]["status"] == "approved"
        assert stored[id]["decision"]
        assert stored[id]["risk"] is not None
        assert stored[id]["body"] == body


def import_seconds() -> float:
    """Return how long Python needs to load Majlis, which no crash has to do with."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "import majlis.cli"], check=True)
    return time.monotonic() - begun


@pytest.mark.timeout(0)
async def test_a_killed_server_has_kept_every_comment_it_took(
    url: str, tmp_path: Path, signals: Signals, pytestconfig: pytest.Config
) -> None:
    chance = random.Random(url)
    restarts: list[float] = []
    imports: list[float] = []
    async with served(url, tmp_path, signals) as server:
        posters = [Poster(server) for _ in range(POSTERS)]
        stop = asyncio.Event()
        writing = [asyncio.create_task(poster.write(stop)) for poster in posters]
        for kill in range(pytestconfig.getoption("--kills")):
            if kill % 2 == 0:  # in full work; else while it still looks after what the last crash left
                before = sum(len(poster.accepted) for poster in posters)

                async def at_work(before: int = before) -> bool:
                    return sum(len(poster.accepted) for poster in posters) > before

                await until(at_work, START_SECONDS)
            await asyncio.sleep(chance.uniform(0, 1))
            server.kill()
            if kill < MEASURED:
                imports.append(await asyncio.to_thread(import_seconds))
            begun = time.monotonic()
            server.start()
            await server.ready()
            restarts.append(time.monotonic() - begun)
            await nothing_unjudged_is_public(server)
        stop.set()
        await asyncio.gather(*writing)

        async def all_judged() -> bool:
            return all(row["risk"] is not None for row in await server.stored())

        await until(all_judged, 240, pause=0.5)
        await nothing_unjudged_is_public(server)
        stored = await server.stored()
        assert server.stop() == 0
        server.verify()

    accepted = {id: body for poster in posters for id, body in poster.accepted.items()}
    assert {row["id"]: row["body"] for row in stored} == accepted
    assert sorted(accepted.values()) == sorted(body for poster in posters for body in poster.sent)
    print(
        f"{len(accepted)} comments, starts {min(restarts):.2f} to {max(restarts):.2f} s, imports {max(imports):.2f} s"
    )
    assert min(restarts) < max(imports) + RESTART_SECONDS
