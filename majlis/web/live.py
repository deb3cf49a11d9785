"""Who is watching which story in this process, and telling them that it has a new revision. It sends no comments.

Nobody waits for anybody: each watcher finds the newest revision when it comes to look, and one that takes nothing off
its connection for long is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from starlette.responses import StreamingResponse
from starlette.types import Message, Send

from majlis import errors

MOST = 10_000
"""The most watchers of one process; more are turned away rather than slowing everybody down."""

RECHECK_SECONDS = 1.5
"""How often every watched story is looked at, in case another process changed it and could not say so."""

PATIENCE_SECONDS = 10.0
"""How long a watcher may leave what was sent to it untaken. A browser connects again by itself."""

PAUSE_SECONDS = 0.1
"""What is announced within this time is told as one: only the newest revision matters."""


class Feed:
    """The newest known revision of a watched story. `changed` is set, and replaced, when it is another one."""

    def __init__(self, revision: int) -> None:
        self.revision = revision
        self.changed = asyncio.Event()
        self.watchers = 0

    def tell(self, revision: int) -> None:
        """Wake everybody who watches."""
        self.revision = revision
        self.changed.set()
        self.changed = asyncio.Event()


class Live:
    """Watchers by story. Used on the event loop only.

    Attributes:
        generation: how often anything was announced; what was read before it changed may be old.
        closed: whether the process stops, so that nobody is to watch any longer.
    """

    def __init__(self) -> None:
        self._feeds: dict[str, Feed] = {}
        self._announced: set[str] = set()
        self._wake = asyncio.Event()
        self.count = 0
        self.generation = 0
        self.closed = False

    def close(self) -> None:
        """Have every watcher leave. A browser connects again by itself, to whoever serves then."""
        self.closed = True
        for feed in self._feeds.values():
            feed.tell(feed.revision)

    @property
    def full(self) -> bool:
        """Whether no more watchers are taken."""
        return self.count >= MOST

    def announce(self, story: str | None) -> None:
        """Take note that a story has changed, or that any may have."""
        self.generation += 1
        self._announced.update(self._feeds if story is None else self._feeds.keys() & {story})
        if self._announced:
            self._wake.set()

    @asynccontextmanager
    async def watch(self, story: str, revision: int) -> AsyncIterator[Feed]:
        """Give the feed of a story whose revision the caller has just read."""
        feed = self._feeds.setdefault(story, Feed(revision))
        if feed.revision < revision:
            feed.tell(revision)
        self._announced.add(story)  # it may have changed since it was read
        self._wake.set()
        feed.watchers += 1
        self.count += 1
        try:
            yield feed
        finally:
            self.count -= 1
            feed.watchers -= 1
            if not feed.watchers:
                del self._feeds[story]

    async def follow(self, read: Callable[[list[str]], Awaitable[dict[str, int]]]) -> None:
        """Tell watchers of new revisions until cancelled, with one reading for all of them.

        Args:
            read: returns the revisions of the stories with these ids, of those that exist.
        """
        clock = asyncio.get_running_loop().time
        everything_at = clock() + RECHECK_SECONDS
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(0, everything_at - clock()))
            self._wake.clear()
            if clock() >= everything_at:
                everything_at = clock() + RECHECK_SECONDS
                self._announced.update(self._feeds)
            asked, self._announced = sorted(self._announced & self._feeds.keys()), set()
            if asked:
                with suppress(errors.StoreUnavailable):
                    self._tell(await read(asked))
                await asyncio.sleep(PAUSE_SECONDS)

    def _tell(self, revisions: dict[str, int]) -> None:
        for story, revision in revisions.items():
            feed = self._feeds.get(story)
            if feed is not None and feed.revision != revision:
                self.generation += 1  # who is told asks for the thread at once, and must not get the one before
                feed.tell(revision)


class EventStream(StreamingResponse):
    """Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html), dropped when not taken."""

    def __init__(self, events: AsyncGenerator[bytes, None], *, patience: float = PATIENCE_SECONDS) -> None:
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        super().__init__(events, media_type="text/event-stream", headers=headers)
        self._events = events
        self._patience = patience

    async def stream_response(self, send: Send) -> None:
        """Send until the reader leaves, or takes nothing for too long."""

        async def sent(message: Message) -> None:
            async with asyncio.timeout(self._patience):
                await send(message)

        try:
            with suppress(TimeoutError):
                await super().stream_response(sent)
        finally:
            await self._events.aclose()
