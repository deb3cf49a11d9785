"""Rules of the design that no other test holds: one door, one set of errors, bytes that are made once."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import majlis
from majlis.domain.guidelines import CLAUSES
from majlis.services.opening import read_guidelines
from majlis.signals.gather import covered
from majlis.web.threads import Cache, Page

PACKAGE = Path(majlis.__file__).parent


def callers(name: str) -> set[str]:
    """Return the files that call a function by its name."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name:
                found.add(path.relative_to(PACKAGE).as_posix())
    return found


def test_status_changes_through_one_door() -> None:
    assert callers("set_status") == {"services/status.py"}


def test_records_are_written_at_that_door_only() -> None:
    assert callers("add_record") == {"services/status.py"}
    assert callers("add_imported") == {"services/takeover.py"}


def test_nothing_anywhere_updates_a_body() -> None:
    for path in (PACKAGE / "store").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "body":
                call = ast.unparse(node.value)
                assert "update" not in call


def test_every_clause_of_the_default_guidelines_is_known_to_a_signal() -> None:
    for guidelines in read_guidelines().values():
        assert tuple(clause.id for clause in guidelines.clauses) == CLAUSES
    assert set(CLAUSES) <= covered()


def page(size: int) -> Page:
    return Page(plain=b"x" * size, brotli=b"", gzip=b"", etag=b'"x"')


async def test_a_page_is_made_once_however_many_ask() -> None:
    cache = Cache()
    made = 0

    async def make() -> Page:
        nonlocal made
        made += 1
        await asyncio.sleep(0)
        return page(10)

    await asyncio.gather(*(cache.get(("s", "newest", 200, "", 1), make) for _ in range(50)))

    assert made == 1


async def test_the_cache_keeps_within_its_bytes_and_drops_the_oldest() -> None:
    cache = Cache(most=100)
    made: list[int] = []

    async def ask(revision: int) -> None:
        async def make() -> Page:
            made.append(revision)
            return page(40)

        await cache.get(("s", "newest", 200, "", revision), make)

    for revision in (1, 2, 1, 3, 1, 2):
        await ask(revision)

    assert cache.bytes <= 100
    assert made == [1, 2, 3, 2]


async def test_a_page_that_cannot_be_made_is_asked_for_again() -> None:
    cache = Cache()
    key = ("s", "newest", 200, "", 1)

    async def fail() -> Page:
        raise ConnectionError

    async def make() -> Page:
        return page(1)

    for _ in range(2):
        try:
            await cache.get(key, fail)
        except ConnectionError:
            continue
    assert (await cache.get(key, make)).plain == b"x"
