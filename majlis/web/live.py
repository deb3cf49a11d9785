"""Who is watching which story in this process, and telling them that it has a new revision. It sends no comments.

Nobody waits for anybody: each watcher finds the newest revision when it comes to look, and one that takes nothing off
its connection for long is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from majlis import errors

MOST = 10_000
"""The most watchers of one process; more are turned away rather than slowing everybody down."""

RECHECK_SECONDS = 1.5
"""How often every watched story is looked at, in case another process changed it and could not say so."""

PATIENCE_SECONDS = 10.0
"""How long a watcher may leave what was sent to it untaken. A browser connects again by itself."""

KEEPALIVE_SECONDS = 15.0
"""How often every watcher is sent something, so that nobody on the way takes its connection for a dead one."""

PAUSE_SECONDS = 0.1
"""What is announced within this time is told as one: only the newest revision matters."""


def _part(text: str) -> Message:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}


_STILL_HERE = _part(": still here\n\n")
_END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


class Feed:
    """The newest known revision of a watched story, and how it is told.

    `changed` is set, and replaced, whenever its watchers are to be told.
    """

    def __init__(self, revision: int) -> None:
        self.changed = asyncio.Event()
        self.watchers = 0
        self._keep(revision)

    def tell(self, revision: int) -> None:
        """Wake everybody who watches."""
        self._keep(revision)
        self.changed.set()
        self.changed = asyncio.Event()

    def _keep(self, revision: int) -> None:
        self.revision = revision
        self.event = _part(f"event: revision\ndata: {revision}\n\n")


class Live:
    """Watchers by story. Used on the event loop only.

    Args:
        patience: how long a watcher may leave what was sent to it untaken, in seconds.

    Attributes:
        sending: to whom something is being sent just now, and since when.
        generation: how often anything was announced; what was read before it changed may be old.
        closed: whether the process stops, so that nobody is to watch any longer.
    """

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self.sending: dict[EventStream, float] = {}
        self._patience = patience
        self._feeds: dict[str, Feed] = {}
        self._announced: set[str] = set()
        self._wake = asyncio.Event()
        self.count = 0
        self.generation = 0
        self.closed = False

    def close(self) -> None:
        """Have every watcher leave. A browser connects again by itself, to whoever serves then."""
        self.closed = True
        self._tell_all()

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
        """Tell watchers of new revisions until cancelled, with one reading for all of them, and drop the slow.

        Args:
            read: returns the revisions of the stories with these ids, of those that exist.
        """
        clock = asyncio.get_running_loop().time
        everything_at, all_told_at = clock() + RECHECK_SECONDS, clock() + KEEPALIVE_SECONDS
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(0, everything_at - clock()))
            self._wake.clear()
            if clock() >= everything_at:
                everything_at = clock() + RECHECK_SECONDS
                self._announced.update(self._feeds)
                self._drop(clock() - self._patience)
            if clock() >= all_told_at:
                all_told_at = clock() + KEEPALIVE_SECONDS
                self._tell_all()
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

    def _tell_all(self) -> None:
        for feed in self._feeds.values():
            feed.tell(feed.revision)

    def _drop(self, before: float) -> None:
        """Drop those who have not taken what was sent to them before this time."""
        for stream in [stream for stream, since in self.sending.items() if since < before]:
            stream.drop()


class EventStream(Response):
    """A story's revisions as Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

    It has no task but one that waits for the reader to leave, and no timer: thousands are woken at the same moment.
    """

    media_type = "text/event-stream"

    def __init__(self, live: Live, story: str, revision: int) -> None:
        self.status_code, self.background = 200, None
        self.init_headers({"cache-control": "no-store", "x-accel-buffering": "no"})
        self._live, self._story, self._revision = live, story, revision
        self._task: asyncio.Task[None] | None = None
        self._dropped = False

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Send until the reader leaves, takes nothing for too long, or the process stops."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        self._task = asyncio.current_task()

        async def wait_until_gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            self.drop()

        waiting = asyncio.create_task(wait_until_gone())
        try:
            async with self._live.watch(self._story, self._revision) as feed:
                await self._send_all(feed, send)
            await send(_END)
        except asyncio.CancelledError:
            if not self._dropped:
                raise
        finally:
            self._live.sending.pop(self, None)
            waiting.cancel()

    def drop(self) -> None:
        """Send no more: the reader is gone, or takes nothing."""
        if self._task is not None and not self._dropped:
            self._dropped = True
            self._task.cancel()

    async def _send_all(self, feed: Feed, send: Send) -> None:
        live, clock, seen = self._live, asyncio.get_running_loop().time, -1
        while not live.closed:
            changed = feed.changed
            message = _STILL_HERE if feed.revision == seen else feed.event
            seen = feed.revision
            live.sending[self] = clock()
            await send(message)
            del live.sending[self]
            await changed.wait()
