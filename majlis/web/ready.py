"""Answers that are the same for everyone, sent again without any other code while nothing has changed.

It makes no answer itself, knows no story and reads no database. What is held is what the application answered to
a request of path, query and encoding alone, so nothing that one reader sends can reach another.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from majlis.web.live import Live

PATHS = frozenset({"/api/v1/threads", "/api/v1/counts", "/api/v1/stories"})
"""Where answers depend on the address alone."""

HELD_SECONDS = 1.5
"""How long an answer is sent again unchecked: a change made by another process may show this much later."""

HELD_BYTES = 64 * 1024 * 1024
_OVERHEAD = 1_000
_OF_BODY = (b"content-length", b"content-type", b"content-encoding")

Headers = list[tuple[bytes, bytes]]
Key = tuple[str, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `unchanged` are the headers of a 304 to who has it; `etag` is empty where there is none."""

    status: int
    headers: Headers
    body: bytes
    etag: bytes
    unchanged: Headers


class Ready:
    """Stands before the application and answers GET and HEAD of PATHS from memory, bounded by bytes.

    An answer is held only if nothing was announced while it was made, and sent only until something is.

    Args:
        now: a clock in seconds that never goes back.
    """

    def __init__(
        self, app: ASGIApp, *, live: Live, most: int = HELD_BYTES, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._live = live
        self._most = most
        self._now = now
        self._held: OrderedDict[Key, tuple[int, float, Answer]] = OrderedDict()
        self._making: dict[tuple[int, Key], asyncio.Task[Answer]] = {}
        self.bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in PATHS or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        known = accepted = b""
        for name, value in scope["headers"]:
            if name == b"if-none-match":
                known = value
            elif name == b"accept-encoding":
                accepted = value
        key = (scope["path"], scope["query_string"], encoding(accepted))
        held = self._held.get(key)
        if held is not None and held[0] == self._live.generation and self._now() < held[1]:
            answer = held[2]
        else:
            answer = await self._ask(key, scope)
        if known and answer.etag and _matches(known, answer.etag):
            await send({"type": "http.response.start", "status": 304, "headers": answer.unchanged})
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body if scope["method"] == "GET" else b""})

    async def _ask(self, key: Key, scope: Scope) -> Answer:
        """Have an answer made, once however many ask for it at the same moment."""
        making = (self._live.generation, key)
        task = self._making.get(making)
        if task is None:
            task = asyncio.ensure_future(self._make(key, scope))
            self._making[making] = task
            task.add_done_callback(lambda _: self._making.pop(making))
        return await asyncio.shield(task)

    async def _make(self, key: Key, scope: Scope) -> Answer:
        generation, until = self._live.generation, self._now() + HELD_SECONDS
        answer = await _answer(self._app, scope, key)
        if answer.status == 200 and generation == self._live.generation:
            self._hold(key, (generation, until, answer))
        return answer

    def _hold(self, key: Key, held: tuple[int, float, Answer]) -> None:
        old = self._held.pop(key, None)
        self._held[key] = held
        self.bytes += _size(key, held[2]) - (_size(key, old[2]) if old else 0)
        while self.bytes > self._most:
            dropped, (_, _, answer) = self._held.popitem(last=False)
            self.bytes -= _size(dropped, answer)


def _size(key: Key, answer: Answer) -> int:
    return len(key[1]) + len(answer.body) + _OVERHEAD


def _matches(known: bytes, etag: bytes) -> bool:
    """Whether If-None-Match names an answer (RFC 9110, section 13.1.2); a proxy may have made its tag a weak one."""
    if known == etag:
        return True
    tags = [tag.strip().removeprefix(b"W/") for tag in known.split(b",")]
    return etag.removeprefix(b"W/") in tags or tags == [b"*"]


@lru_cache(maxsize=256)
def encoding(accepted: bytes) -> bytes:
    """Return the smallest form that a client takes (RFC 9110, section 12.5.3; a weight of 0 refuses); empty: plain."""
    taken = {}
    for part in accepted.lower().split(b","):
        name, _, weight = part.strip().partition(b";")
        taken[name.strip()] = weight.strip().replace(b" ", b"") not in {b"q=0", b"q=0.0", b"q=0.00", b"q=0.000"}
    return next((name for name in (b"br", b"gzip") if taken.get(name)), b"")


async def _answer(app: ASGIApp, scope: Scope, key: Key) -> Answer:
    """Ask the application as a client that says nothing but what it asks for."""
    path, query, accepted = key
    asked = {name: scope[name] for name in ("type", "asgi", "http_version", "scheme", "server") if name in scope}
    asked |= {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": query, "root_path": ""}
    asked |= {"headers": [(b"accept-encoding", accepted)] if accepted else [], "client": None}
    status = 0
    headers: Headers = []
    parts: list[bytes] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status, headers = message["status"], list(message["headers"])
        else:
            parts.append(message.get("body", b""))

    try:
        await app(asked, receive, send)
    except Exception:
        if not status:
            raise  # else the framework raises, for the server's log, what it has answered and logged already
    body = parts[0] if len(parts) == 1 else b"".join(parts)
    etag = dict(headers).get(b"etag", b"") if status == 200 else b""
    return Answer(status, headers, body, etag, [one for one in headers if one[0] not in _OF_BODY])
