"""What readers and writers ask of a large database goes through an index: no table is scanned or sorted as a whole."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import apsw
import asyncpg
import pytest
from sqlalchemy import bindparam, select

from majlis.services.newsroom import Newsroom
from majlis.store import comments, records, stories, tables, threads
from majlis.store.query import Dialect, Query, Value
from majlis.store.threads import Position, Sort

LARGE = 20_000
STORIES = 20_000
ELSEWHERE = {"_DECIDED", "_TALLY", "_GUIDELINES", "_POLICY"}
"""Asked by `majlis calibrate` about everything, by the desk about an author, and of tables that hold a few rows."""

FILL = f"""
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {STORIES})
INSERT INTO stories (id, site, url, title, language, published_at)
SELECT 'story-' || n, 'main', 'http://news.example/' || n, '', CASE n % 7 WHEN 0 THEN 'ckb' ELSE 'en' END, n
FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {LARGE})
INSERT INTO comments (id, site, story, root, author_name, author_key, body, search, digest, language, direction,
  status, submitted_at, published_at, root_at, root_likes, idempotency_key)
SELECT 'c' || n, 'main', 'story-' || CASE WHEN n % 2 = 0 THEN 1 ELSE n % {STORIES} + 1 END, 'c' || (n - n % 3),
  'bob', 'author-' || n % 97, 'When?', 'when?', 'd' || n, 'en', 'ltr',
  CASE n % 10 WHEN 0 THEN 'pending' WHEN 1 THEN 'rejected' ELSE 'approved' END, n, n, n - n % 3, n % 5, 'k' || n
FROM numbers;
INSERT INTO likes (comment, reader, at) SELECT id, 'somebody', 0 FROM comments;
INSERT INTO records (id, site, comment, at, actor, verdict, status, clauses, findings, note)
SELECT 'r' || id, 'main', id, submitted_at, 'actor-' || author_key, 'approve', status, '[]', '[]', '' FROM comments;
ANALYZE;
"""

VALUES: dict[str, Value] = {
    "id": "c500",
    "site": "main",
    "story": "story-1",
    "url": "http://news.example/1",
    "ids": json.dumps(["story-1", "http://news.example/1"]),
    "language": "ckb",
    "limit": 201,
    "likes": 3,
    "root_at": 10_000,
    "root": "c10000",
    "published_at": 10_000,
    "last": "c10000",
    "author_key": "author-7",
    "idempotency_key": "k7",
    "since": 300,
    "comment": "c500",
    "reader": "somebody",
    "actor": "actor-author-7",
    "version": "a version",
}


def queries(module: ModuleType) -> Iterator[tuple[str, Query]]:
    """Yield every question that a file of the store can ask, with its name."""
    for name, value in vars(module).items():
        if isinstance(value, Query) and name not in ELSEWHERE:
            yield name, value
        elif isinstance(value, dict):
            yield from ((f"{name}[{key}]", one) for key, one in value.items() if isinstance(one, Query))


ASKED = {
    f"{module.__name__.rpartition('.')[2]}.{name}": query
    for module in (threads, stories, comments, records)
    for name, query in queries(module)
    if query.sql[Dialect.SQLITE].lstrip().startswith("SELECT")
}


async def plan(url: str, query: Query) -> list[str]:
    """Return the steps of a database's plan."""
    if url.startswith("sqlite"):
        raw = apsw.Connection(url.removeprefix("sqlite:///"))
        arguments = query.arguments(Dialect.SQLITE, VALUES)
        return [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {query.sql[Dialect.SQLITE]}", arguments)]
    server: asyncpg.Connection[Any] = await asyncpg.connect(url)
    arguments = query.arguments(Dialect.POSTGRESQL, VALUES)
    rows = await server.fetch(f"EXPLAIN {query.sql[Dialect.POSTGRESQL]}", *arguments)
    await server.close()
    return [row[0].strip().removeprefix("->").strip() for row in rows]


def whole(step: str) -> bool:
    """Return whether a step reads or sorts a whole table.

    Sorting what shares the beginning of the sort key (a conversation) is not that, nor is the list that was asked for.
    """
    scans = step.startswith(("SCAN ", "Seq Scan", "Parallel Seq Scan")) and "VIRTUAL TABLE" not in step
    return scans or step == "USE TEMP B-TREE FOR ORDER BY" or step.startswith(("Sort  (", "Sort (", "Gather"))


async def fill(url: str) -> None:
    """Put many comments into a database."""
    if url.startswith("sqlite"):
        apsw.Connection(url.removeprefix("sqlite:///")).execute(FILL)
        return
    server: asyncpg.Connection[Any] = await asyncpg.connect(url)
    await server.execute(FILL)
    await server.close()


async def test_no_question_scans_or_sorts_a_whole_table(newsroom: Newsroom, url: str) -> None:
    await fill(url)

    plans = {name: await plan(url, query) for name, query in ASKED.items()}

    assert len(plans) > 15
    assert {name: steps for name, steps in plans.items() if any(whole(step) for step in steps)} == {}


async def test_a_scan_is_noticed(newsroom: Newsroom, url: str) -> None:
    await fill(url)
    scanning = Query(select(tables.comments.c.id).where(tables.comments.c.body == bindparam("url")))
    sorting = Query(select(tables.comments).order_by(tables.comments.c.body).limit(bindparam("limit")))

    assert any(whole(step) for step in await plan(url, scanning))
    assert any(whole(step) for step in await plan(url, sorting))


@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_of_a_large_thread_hold_every_published_comment_once(
    newsroom: Newsroom, url: str, sort: Sort
) -> None:
    await fill(url)
    seen: list[str] = []
    after: Position | None = None
    while after is not None or not seen:
        ask = functools.partial(threads.page, story="story-1", sort=sort, limit=200, after=after)
        found, after = await newsroom.database.read(ask)
        seen += [comment.id for comment in found]

    assert len(seen) == len(set(seen)) > LARGE * 0.3
