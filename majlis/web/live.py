"""Who is watching which story in this process, and telling them that it has a new revision. It sends no comments."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST = 10_000
"""The most watchers of one process; more are turned away rather than slowing everybody down."""


class Live:
    """Watchers by story. Used on the event loop only.

    Attributes:
        generation: how often anything was announced; what was read before it changed may be old.
    """

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Event]] = defaultdict(set)
        self.count = 0
        self.generation = 0

    @property
    def full(self) -> bool:
        """Whether no more watchers are taken."""
        return self.count >= MOST

    def announce(self, story: str) -> None:
        """Wake everybody who watches a story."""
        self.generation += 1
        for event in self._watchers.get(story, ()):
            event.set()

    @asynccontextmanager
    async def watch(self, story: str) -> AsyncIterator[asyncio.Event]:
        """Give an event that is set whenever the story has changed; the watcher clears it."""
        event = asyncio.Event()
        self._watchers[story].add(event)
        self.count += 1
        try:
            yield event
        finally:
            self.count -= 1
            self._watchers[story].discard(event)
            if not self._watchers[story]:
                del self._watchers[story]
