"""What one node tells the others: which stories have changed. It carries no words of anybody.

Nodes meet in PostgreSQL itself, by LISTEN and NOTIFY, or at a NATS server. A message can be lost, with its node or its
connection. Whoever hears this way looks again from time to time as well.
"""

from __future__ import annotations

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import asyncpg

from majlis import errors

CHANNEL = "majlis_changed"
PIECE = 50
"""The most ids of one message; PostgreSQL takes 8,000 bytes."""

QUIET_SECONDS = 15.0
"""After so long without a message the connection is tried, so that one that died unseen is noticed."""

CONNECT_SECONDS = 5
RETRY_SECONDS = 1.0

Hear = Callable[[str | None], None]


class Bus(ABC):
    """One connection of one node, that listens and tells. Used on the event loop only.

    Attributes:
        broken: what a lost connection raises.
    """

    broken: tuple[type[BaseException], ...]

    def __init__(self) -> None:
        self._node = secrets.token_hex(8)
        self._waiting: set[str] = set()
        self._wake = asyncio.Event()

    def tell(self, story: str) -> None:
        """Have the other nodes told of a story, soon; what is told within the same moment goes as one message."""
        self._waiting.add(story)
        self._wake.set()

    async def run(self, hear: Hear) -> None:
        """Tell and listen until cancelled, connecting again whenever the connection is lost.

        Args:
            hear: called with each story that another node told of, and with None when messages may have been missed.
        """
        while True:
            with suppress(*self.broken):
                await self._serve(hear)
            await asyncio.sleep(RETRY_SECONDS)

    @abstractmethod
    async def _serve(self, hear: Hear) -> None:
        """Connect, listen, and tell for as long as the connection holds."""

    def _heard(self, message: str, hear: Hear) -> None:
        node, *stories = message.split(" ")
        if node != self._node:
            for story in stories:
                hear(story)

    async def _tell_all(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send what waits, and something from time to time, until sending fails."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), QUIET_SECONDS)
            self._wake.clear()
            piece = sorted(self._waiting)[:PIECE]
            await send(" ".join([self._node, *piece]))
            self._waiting.difference_update(piece)
            if self._waiting:
                self._wake.set()


class PostgreSQLBus(Bus):
    """Nodes tell each other through the database that they share."""

    broken = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    async def _serve(self, hear: Hear) -> None:
        connection: asyncpg.Connection[Any] = await asyncpg.connect(
            self._url, timeout=CONNECT_SECONDS, command_timeout=CONNECT_SECONDS
        )

        async def send(message: str) -> None:
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, message)

        try:
            connection.add_termination_listener(lambda _: self._wake.set())
            await connection.add_listener(CHANNEL, lambda *told: self._heard(str(told[-1]), hear))
            hear(None)
            await self._tell_all(send)
        finally:
            connection.terminate()


def bus_at(url: str) -> Bus:
    """Return a bus by its address: `postgresql://…` or `nats://…`. Raises errors.ExtraMissing."""
    if url.startswith(("postgresql://", "postgres://")):
        return PostgreSQLBus(url)
    try:
        from majlis.store.bus_nats import NATSBus
    except ImportError as error:
        raise errors.ExtraMissing(
            f"A bus at {url.partition(':')[0]}:// needs {error.name}, which is not installed.",
            hint="Install majlis[nats].",
        ) from error
    return NATSBus(url)
