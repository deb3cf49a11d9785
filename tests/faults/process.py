"""A real `majlis serve` of its own process, which can be stopped, killed and started again, and who posts to it."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from majlis.app import newsroom_of
from majlis.config import Config
from majlis.domain.site import Story
from majlis.services import keys, stories
from majlis.signals.gather import Signals
from majlis.store.database import Connection, connect
from majlis.store.query import Query, Row
from majlis.store.tables import comments
from tests.conftest import a_story, config_for

MAJLIS = Path(sys.executable).with_name("majlis")
START_SECONDS = 180
"""How long a start may take on a machine that does much else."""

PATIENCE = 120
"""How long a process may take to end there."""

_STORED = Query(select(comments.c.id, comments.c.body, comments.c.status, comments.c.risk, comments.c.decision))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def until(holds: Callable[[], Awaitable[bool]], seconds: float, pause: float = 0.02) -> None:
    """Wait until something holds. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(pause)


@dataclass
class Served:
    """A server on a database with one story, and the key that programs post with.

    Attributes:
        arguments: of `majlis serve`.
        settings: variables beside those that every server needs.
    """

    config: Config
    story: Story
    key: str
    log: Path
    arguments: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.config.port}"

    def start(self) -> None:
        """Start the server; it answers when `ready` returns."""
        environment = {
            "MAJLIS_DATABASE": self.config.database,
            "MAJLIS_SECRET": self.config.secret,
            "MAJLIS_PUBLIC_URL": self.origin,
            "MAJLIS_PORT": str(self.config.port),
            "MAJLIS_RATES": "comment=1000000/minute,author=1000000/minute",
            **self.settings,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [MAJLIS, "serve", *self.arguments], env=os.environ | environment, stderr=log, start_new_session=True
            )

    async def ready(self) -> None:
        """Wait until the server and its database answer."""

        async def answers() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log.read_text()
            try:
                return (await client.get("/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        async with self.client() as client:
            await until(answers, START_SECONDS)

    def client(self, **more: Any) -> httpx.AsyncClient:
        """Return a program that calls the server."""
        bounds = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        return httpx.AsyncClient(base_url=self.origin, timeout=60, limits=bounds, **more)

    def kill(self) -> None:
        """End the server and all of its processes with no chance to do anything more."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Ask the server to stop. Return its exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(PATIENCE)

    async def post(self, client: httpx.AsyncClient, body: str, **headers: str) -> httpx.Response:
        """Send one comment."""
        sent = {"story": {"url": self.story.url}, "author": {"name": name_of(body)}, "body": body}
        return await client.post(
            "/api/v1/comments", json=sent, headers={"authorization": f"Bearer {self.key}"} | headers
        )

    async def thread(self, client: httpx.AsyncClient) -> list[dict[str, Any]]:
        """Return every comment that readers see."""
        seen: list[dict[str, Any]] = []
        after = ""
        while True:
            asked = {"story": self.story.url, "after": after} if after else {"story": self.story.url}
            page = (await client.get("/api/v1/threads", params=asked)).raise_for_status().json()
            seen += page["comments"]
            after = page["next"]
            if not after:
                return seen

    async def stored(self) -> list[Row]:
        """Return what the database holds: id, body, status, risk and decision of every comment."""
        database = await connect(self.config.database)
        try:

            async def work(tx: Connection) -> list[Row]:
                return await tx.all(_STORED)

            return await database.read(work)
        finally:
            await database.close()

    def verify(self) -> str:
        """Return what `majlis verify` says; it has to find the log whole."""
        command = [str(MAJLIS), "verify", "--database", self.config.database]
        found = subprocess.run(command, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout + found.stderr
        return found.stdout


def words() -> str:
    """Return a comment that nobody has written before and that no clause speaks against."""
    number = secrets.randbelow(10**12)
    return f"When does the old bridge over the river open again? We counted {number:012} people there last year."


def name_of(body: str) -> str:
    """Return the name of who wrote these words, and nothing else."""
    return f"charlie {''.join(filter(str.isdigit, body))}"


@asynccontextmanager
async def served(
    url: str, folder: Path, signals: Signals, *arguments: str, start: bool = True, **settings: str
) -> AsyncIterator[Served]:
    """Run a server on a database for as long as the context lasts."""
    port = free_port()
    config = config_for(url, port=port, public_url=f"http://127.0.0.1:{port}")
    async with newsroom_of(config, signals=signals) as (newsroom, _):
        story = await stories.publish(newsroom, a_story())
        key = await keys.create_key(
            newsroom.database,
            site=newsroom.site,
            name="cms",
            scope=keys.Scope.WRITE,
            now=newsroom.now(),
            random=secrets.token_bytes(keys.RANDOM_BYTES),
            rate="100000/second",
        )
    made = Served(config, story, key, folder / "serve.log", arguments, settings)
    try:
        if start:
            made.start()
            await made.ready()
        yield made
    finally:
        if made.process is not None and made.process.poll() is None:
            made.kill()
