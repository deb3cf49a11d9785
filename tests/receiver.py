"""A newsroom's own system on this machine: a real HTTP server that takes webhooks, or does not, as a test asks."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRET = "whsec_" + base64.b64encode(b"what the receiver and we know ab").decode()
OLD_SECRET = "whsec_" + base64.b64encode(b"what we both knew before that day").decode()


@dataclass
class Message:
    """What was received: headers, the body's bytes, and which host the sender meant."""

    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str = SECRET) -> dict[str, Any]:
        """Return the body if the standardwebhooks library finds its signature good."""
        told: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return told


@dataclass
class Receiver:
    """A receiver that can be down, slow or unwilling. `answers` are given in turn, then 204 for good."""

    port: int
    heard: list[Message] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """The address to send to."""
        return f"http://127.0.0.1:{self.port}/majlis?newsroom=spring"

    @property
    def kinds(self) -> list[str]:
        """What was told so far."""
        return [message.verified()["type"] for message in self.heard]

    async def take(self, request: Request) -> Response:
        """Take one message, and answer once the receiver is open."""
        self.heard.append(Message(dict(request.headers), await request.body()))
        await self.open.wait()
        return self.answers.pop(0) if self.answers else Response(status_code=204)

    @asynccontextmanager
    async def up(self, certificate: ssl.SSLContext | None = None) -> AsyncIterator[None]:
        """Listen for as long as the context lasts; nobody listens on the port outside of it."""
        self.open.set()
        application = Starlette(routes=[Route("/{path:path}", self.take, methods=["POST"])])
        config = uvicorn.Config(application, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        if certificate is not None:
            config.load()
            config.ssl = certificate
        server = uvicorn.Server(config)
        listener = socket.create_server(("127.0.0.1", self.port))
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        try:
            yield
        finally:
            self.open.set()
            server.should_exit = True
            await serving
            listener.close()


def receiver() -> Receiver:
    """Return a receiver at a free port, which is not up yet."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return Receiver(probe.getsockname()[1])
