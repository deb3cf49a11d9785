"""What one node tells the others through PostgreSQL: which stories have changed. It carries no words of anybody.

A message can be lost, with its node or its connection. Whoever hears this way looks again from time to time as well.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import asyncpg

CHANNEL = "majlis_changed"
PIECE = 50
"""The most ids of one message; PostgreSQL takes 8,000 bytes."""

QUIET_SECONDS = 15.0
"""After so long without a message the connection is tried, so that one that died unseen is noticed."""

RETRY_SECONDS = 1.0
_BROKEN = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)


class Bus:
    """One connection of one node, that listens and tells. Used on the event loop only."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._node = secrets.token_hex(8)
        self._waiting: set[str] = set()
        self._wake = asyncio.Event()

    def tell(self, story: str) -> None:
        """Have the other nodes told of a story, soon; what is told within the same moment goes as one message."""
        self._waiting.add(story)
        self._wake.set()

    async def run(self, hear: Callable[[str | None], None]) -> None:
        """Tell and listen until cancelled, connecting again whenever the connection is lost.

        Args:
            hear: called with each story that another node told of, and with None when messages may have been missed.
        """
        while True:
            with suppress(*_BROKEN):
                connection = await asyncpg.connect(self._url, timeout=5, command_timeout=5)
                try:
                    await self._serve(connection, hear)
                finally:
                    connection.terminate()
            await asyncio.sleep(RETRY_SECONDS)

    async def _serve(self, connection: asyncpg.Connection[Any], hear: Callable[[str | None], None]) -> None:
        def heard(_connection: object, _pid: int, _channel: str, message: object) -> None:
            node, *stories = str(message).split(" ")
            if node != self._node:
                for story in stories:
                    hear(story)

        connection.add_termination_listener(lambda _: self._wake.set())
        await connection.add_listener(CHANNEL, heard)
        hear(None)
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), QUIET_SECONDS)
            self._wake.clear()
            piece = sorted(self._waiting)[:PIECE]
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, " ".join([self._node, *piece]))
            self._waiting.difference_update(piece)
            if self._waiting:
                self._wake.set()
