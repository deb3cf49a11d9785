"""Runs work on batches of things in other processes, some batches ahead of whoever takes what comes of them.

It knows nothing of what is done, and holds no more than those batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from itertools import islice
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def ahead(
    pool: Executor, work: Callable[[list[Given]], list[Made]], things: Iterable[Given], *, size: int, most: int
) -> Iterator[Made]:
    """Yield what the work makes of the things, in their order.

    Args:
        pool: where the work is done; it has to be able to send work, things and what comes of them.
        size: things in a batch.
        most: batches that are begun before the first of them is waited for.
    """
    rest, waiting = iter(things), []
    while batch := list(islice(rest, size)):
        waiting.append(pool.submit(work, batch))
        if len(waiting) > most:
            yield from waiting.pop(0).result()
    for done in waiting:
        yield from done.result()
