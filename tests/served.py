"""The application on a real server, in a thread of its own, so that programs which know nothing of it can call it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from majlis.app import build, newsroom_of
from majlis.services import keys, stories
from majlis.services.newsroom import Newsroom
from majlis.signals.gather import Signals
from tests.conftest import NOON, a_story, config_for


@dataclass
class Exchange:
    """What went over the wire, once."""

    method: str
    path: str
    headers: dict[str, str]
    sent: bytes = b""
    status: int = 0
    media: str = ""
    answered: bytes = b""


@dataclass
class Server:
    """A newsroom with one story and one key of scope write, and what was said to it so far."""

    folder: Path
    signals: Signals
    settings: dict[str, object] = field(default_factory=dict)
    port: int = 0
    key: str = ""
    newsroom: Newsroom | None = None
    heard: list[Exchange] = field(default_factory=list)
    ready: threading.Event = field(default_factory=threading.Event)
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def origin(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.port}"

    def run(self) -> None:
        """Serve until told to stop."""
        anyio.run(self._serve)

    async def _serve(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        url = f"sqlite:///{self.folder / 'majlis.db'}"
        config = config_for(url, public_url=self.origin, **self.settings)
        async with newsroom_of(config, signals=self.signals) as (newsroom, live):
            self.newsroom = newsroom
            await stories.publish(newsroom, a_story())
            self.key = await keys.create_key(
                newsroom.database, site="main", name="cms", scope=keys.Scope.WRITE, now=NOON, random=bytes(range(42))
            )
            application = self._recorded(build(config, newsroom, live))
            server = uvicorn.Server(uvicorn.Config(application, log_level="error"))
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(server.serve, [listener])
                while not server.started:
                    await anyio.sleep(0.01)
                self.ready.set()
                await anyio.to_thread.run_sync(self.stopped.wait)
                server.should_exit = True

    def _recorded(self, application: ASGIApp) -> ASGIApp:
        async def record(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await application(scope, receive, send)
                return
            query = scope["query_string"].decode()
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            exchange = Exchange(scope["method"], scope["path"] + (f"?{query}" if query else ""), headers)

            async def received() -> Message:
                message = await receive()
                exchange.sent += message.get("body", b"")
                return message

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    exchange.status = message["status"]
                    exchange.media = dict(message["headers"]).get(b"content-type", b"").decode()
                exchange.answered += message.get("body", b"")
                await send(message)

            self.heard.append(exchange)
            await application(scope, received, sent)

        return record


@contextmanager
def serving(folder: Path, signals: Signals, **settings: object) -> Iterator[Server]:
    """Run a server for as long as the context lasts."""
    made = Server(folder, signals, settings)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    try:
        assert made.ready.wait(30)
        yield made
    finally:
        made.stopped.set()
        thread.join(30)
