"""What nodes tell each other through a NATS server (https://docs.nats.io). Needs the extra `nats`."""

from __future__ import annotations

from contextlib import suppress

import nats
from nats.aio.msg import Msg
from nats.errors import Error

from majlis.store.bus import CHANNEL, CONNECT_SECONDS, Bus, Hear


class NATSBus(Bus):
    """Nodes tell each other through a NATS server."""

    broken = (OSError, Error, TimeoutError)

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    async def _serve(self, hear: Hear) -> None:
        async def lost() -> None:
            self._wake.set()

        async def ignored(_: Exception) -> None:
            """A lost connection is seen where it is used; the default would write a traceback."""

        async def heard(message: Msg) -> None:
            self._heard(message.data.decode(), hear)

        connection = await nats.connect(
            self._url,
            allow_reconnect=False,
            connect_timeout=CONNECT_SECONDS,
            disconnected_cb=lost,
            error_cb=ignored,
        )

        async def send(message: str) -> None:
            await connection.publish(CHANNEL, message.encode())
            await connection.flush(CONNECT_SECONDS)

        try:
            await connection.subscribe(CHANNEL, cb=heard)
            await connection.flush(CONNECT_SECONDS)
            hear(None)
            await self._tell_all(send)
        finally:
            with suppress(*self.broken):
                await connection.close()
