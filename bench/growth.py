"""Whether a page of a thread takes longer to read when there are many more comments.

Two SQLite databases differ in nothing but size: stories of a thousand comments, and one story with half of all, at most
100,000. Pages are read from the database, past every cache, the two databases taking turns.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import insert

from bench.target import WORDS
from majlis.domain.site import Story
from majlis.services.opening import ensure_site
from majlis.store import stories, threads
from majlis.store.database import Connection, Database, connect
from majlis.store.query import Query, Value
from majlis.store.tables import comments
from majlis.store.threads import Position, Sort

SMALL = 10_000
OF_STORY = 1_000
LARGEST = 100_000
PIECE = 20_000
PAGES = 400
LIMIT = 200
SINCE = 1_780_000_000_000

_ADD = Query(insert(comments))


def _sizes(total: int) -> list[int]:
    """Return how many comments each story has, the large one first."""
    large = min(LARGEST, total // 2)
    return [large, *([OF_STORY] * ((total - large) // OF_STORY))]


def _id(story: int, number: int) -> str:
    return f"{story:012x}{number:020x}"


def _rows(story: int, size: int) -> Iterator[dict[str, Value]]:
    for number in range(size):
        id, at = _id(story, number), SINCE + number
        body = f"Comment {number}: {WORDS}"
        yield {
            "id": id,
            "site": "main",
            "story": f"story-{story}",
            "parent": None,
            "root": id,
            "author_name": f"reader {number % 997}",
            "author_email": None,
            "author_key": f"{number % 997:032x}",
            "body": body,
            "search": body.lower(),
            "digest": id,
            "language": "en",
            "direction": "ltr",
            "status": "approved",
            "version": 1,
            "submitted_at": at,
            "published_at": at,
            "root_at": at,
            "risk": 0.01,
            "flags": "",
            "decision": None,
            "likes": 0,
            "root_likes": 0,
            "replies": 0,
            "reports": 0,
            "featured": 0,
            "claimed_by": None,
            "claimed_until": 0,
            "idempotency_key": None,
            "request_hash": "",
        }


async def _fill(database: Database, sizes: list[int]) -> None:
    await ensure_site(database, site="main", name="Bench", now=SINCE)
    piece: list[dict[str, Value]] = []

    async def add(tx: Connection) -> None:
        await tx.many(_ADD, piece)

    for number, size in enumerate(sizes):
        url = f"http://news.example/{number}"
        story = Story(id=f"story-{number}", site="main", url=url, title="", language="en", published_at=SINCE)
        await database.write(lambda tx, story=story: stories.put_story(tx, story))
        for row in _rows(number, size):
            piece.append(row)
            if len(piece) == PIECE:
                await database.write(add)
                piece.clear()
    await database.write(add)


async def _page(database: Database, story: int, number: int) -> float:
    """Return the ms that a page takes which begins after a comment."""
    id, at = _id(story, number), SINCE + number
    after = Position(Sort.NEWEST, 0, at, id, at, id)
    begun = time.perf_counter()
    await database.read(lambda tx: threads.page(tx, story=f"story-{story}", sort=Sort.NEWEST, limit=LIMIT, after=after))
    return 1000 * (time.perf_counter() - begun)


async def _measure(folder: Path, large: int, rounds: int) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    opened = {}
    for total in (SMALL, large):
        opened[total] = await connect(f"sqlite:///{folder}/growth-{total}.db")
        await _fill(opened[total], _sizes(total))
    for _ in range(rounds):
        times: dict[int, list[float]] = {total: [] for total in opened}
        for _ in range(PAGES):
            for total, database in opened.items():
                sizes = _sizes(total)
                story = random.choice((0, random.randrange(len(sizes))))  # the large story as often as all others
                times[total].append(await _page(database, story, random.randrange(LIMIT, sizes[story])))
        for total, of_round in times.items():
            found.setdefault(total, []).append(statistics.median(of_round))
    for database in opened.values():
        await database.close()
    return found


def measure(folder: Path, large: int, rounds: int) -> dict[int, list[float]]:
    """Return, by how many comments there are, the median ms of a page of 200 in each round."""
    return asyncio.run(_measure(folder, large, rounds))
