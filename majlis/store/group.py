"""Group commit: units of work that come while others are written share the next transaction. It knows no database.

One transaction at a time is written, so what waits meanwhile makes the next group: alone a unit of work waits for
nobody, and under load one commit carries many.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

from majlis.store.database import Work

T = TypeVar("T")

MOST = 32
"""The most units of work of one group, so that the first does not wait for too many, nor a reader meanwhile."""

Commit = Callable[[Sequence[Work[Any]]], Awaitable[list[Any]]]


class _Job:
    """A unit of work that waits, and where its outcome goes."""

    def __init__(self, work: Work[Any]) -> None:
        self.work = work
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


class Writer:
    """Puts units of work into groups. Used on the event loop only.

    Args:
        commit: runs a group in one transaction, a savepoint each, and returns for each its result, or the error that
            undid it alone, once all that succeeded are durable. What it raises itself befell all.
    """

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._jobs: deque[_Job] = deque()
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Work[T]) -> T:
        """Run a unit of work; durable when this returns. It is written even where its caller gives up."""
        job = _Job(work)
        self._jobs.append(job)
        if self._writing is None:
            self._writing = asyncio.ensure_future(self._write_all())
        return cast("T", await asyncio.shield(job.done))

    async def finish(self) -> None:
        """Wait until nothing waits."""
        while self._writing is not None:
            await self._writing

    async def _write_all(self) -> None:
        try:
            while self._jobs:
                await self._write([self._jobs.popleft() for _ in range(min(MOST, len(self._jobs)))])
        finally:
            self._writing = None

    async def _write(self, group: Sequence[_Job]) -> None:
        try:
            outcomes = await self._commit([job.work for job in group])
        except BaseException as error:
            outcomes = [error] * len(group)
            if not isinstance(error, Exception):
                raise
        finally:
            for job, outcome in zip(group, outcomes, strict=True):
                if isinstance(outcome, BaseException):
                    job.done.set_exception(outcome)
                else:
                    job.done.set_result(outcome)
