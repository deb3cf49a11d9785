"""Importing another system's archive: read once to check all of it, then once more to store it in batches.

A file that cannot be read to its end changes nothing. One whose import was stopped half-way goes on when it is
imported again: what is there is known by its id. Memory holds the stories and one batch, never the comments.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain, islice
from multiprocessing import get_context
from typing import IO

import msgspec

from majlis import errors
from majlis.domain.comment import Comment
from majlis.interchange.ahead import ahead
from majlis.interchange.archive import Archive, Found, Skipped, typed
from majlis.services.opening import ensure_site
from majlis.services.takeover import OldComment, Prepared, Source, prepare, take_over
from majlis.store import imports, stories
from majlis.store.database import Connection, Database

BATCH = 4_000
"""Comments that are stored at once. Ids are spread over every index, so each batch writes a good part of its pages."""
PREPARED = 500
"""Comments that are prepared at once. An archive that has no more is prepared in this process alone."""
EXAMPLES = 5


class Reason(msgspec.Struct, kw_only=True):
    """Why comments were skipped: how many, and where the first of them stand."""

    count: int = 0
    places: list[str] = []


class Report(msgspec.Struct, kw_only=True):
    """What an import did. `short` are the stories of which fewer comments are there than were to be taken."""

    read: int = 0
    written: int = 0
    known: int = 0
    strayed: int = 0
    stories: int = 0
    skipped: dict[str, Reason] = {}
    short: list[str] = []

    def skip(self, reason: str, place: str) -> None:
        """Count one that was skipped."""
        entry = self.skipped.setdefault(reason, Reason())
        entry.count += 1
        if len(entry.places) < EXAMPLES:
            entry.places.append(place)


Reader = Callable[[Archive], Iterator[Found]]
Written = Callable[[Sequence[Comment]], None]


async def take_in(
    database: Database, archive: Archive, reader: Reader, source: Source, *, written: Written = lambda _: None
) -> Report:
    """Import an archive.

    Args:
        written: told of the comments of each batch, once they are stored.

    Raises:
        errors.ArchiveInvalid, errors.Unreadable: the file is broken; nothing was imported.
        errors.StoreUnavailable: the batches before this one were stored; import again to go on.
    """
    await ensure_site(database, site=source.site, name="Newsroom", now=source.now)
    report = Report()
    _check(reader(archive))
    expected: dict[str, int] = {}
    with tempfile.TemporaryFile() as spill:
        comments = _readable(reader(archive), source, report, expected)
        waiting = await _store(database, source, comments, report, spill, written)
        while waiting:
            with tempfile.TemporaryFile() as later:
                before = waiting
                waiting = await _store(database, source, _spilled(spill, source), report, later, written)
                if waiting == before:
                    await _store(database, source, _spilled(later, source), report, None, written)
                    break
                _copy(later, spill)
    report.stories = len(expected)
    await _compare(database, source, expected, report)
    return report


def _check(found: Iterable[Found]) -> None:
    """Read an archive to its end and keep nothing: what is broken is found before anything is stored."""
    for _ in found:
        pass


def _readable(found: Iterator[Found], source: Source, report: Report, expected: dict[str, int]) -> Iterator[Prepared]:
    """Yield what can be kept; count in `report` what cannot, and in `expected` the comments of each story."""
    for one in _prepared(found, source.now):
        report.read += 1
        if isinstance(one, Skipped):
            report.skip(one.reason, one.place)
            continue
        expected[one.old.story.url] = expected.get(one.old.story.url, 0) + 1
        yield one


def _prepared(found: Iterator[Found], now: int) -> Iterator[Prepared | Skipped]:
    """Yield the comments made ready: those after the first by another process, while this one reads and stores."""
    yield from _prepare(now, list(islice(found, PREPARED)))
    following = list(islice(found, 1))
    if not following:
        return
    # Not a fork: the database has threads, and a copy of a locked lock stays locked.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield from ahead(pool, partial(_prepare, now), chain(following, found), size=PREPARED, most=4)


def _prepare(now: int, found: Sequence[Found]) -> list[Prepared | Skipped]:
    made: list[Prepared | Skipped] = []
    for one in found:
        if isinstance(one, Skipped):
            made.append(one)
            continue
        try:
            made.append(prepare(_worded(one), now))
        except errors.InvalidInput as error:
            made.append(Skipped(reason=error.detail, place=one.place))
    return made


def _worded(old: OldComment) -> OldComment:
    """Return a comment with the text that its HTML stands for; the HTML is kept only where it says more."""
    if old.original is None:
        return old
    body = typed(old.body)
    return msgspec.structs.replace(old, body=body, original=None if body == old.original else old.original)


async def _store(
    database: Database,
    source: Source,
    comments: Iterator[Prepared],
    report: Report,
    later: IO[bytes] | None,
    written: Written,
) -> int:
    """Store comments and return how many replies wait for what they answer, in the file `later`.

    Without that file nothing waits: a reply to nothing begins a conversation. One batch is stored while the next one
    is read.
    """
    waiting = 0
    batch = list(islice(comments, BATCH))
    while batch:
        storing = asyncio.create_task(take_over(database, source, batch, strays=later is None))
        await asyncio.sleep(0)
        try:
            batch = list(islice(comments, BATCH))
        finally:
            taken = await storing
        report.written += len(taken.written)
        report.known += taken.known
        report.strayed += taken.strayed
        written(taken.written)
        for prepared in taken.waiting if later is not None else ():
            waiting += 1
            assert later is not None
            later.write(msgspec.json.encode(prepared.old) + b"\n")
    return waiting


def _spilled(file: IO[bytes], source: Source) -> Iterator[Prepared]:
    file.seek(0)
    for line in file:
        yield prepare(msgspec.json.decode(line, type=OldComment), source.now)


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    source.seek(0)
    target.seek(0)
    target.truncate()
    for line in source:
        target.write(line)


async def _compare(database: Database, source: Source, expected: dict[str, int], report: Report) -> None:
    """Count each story's comments in the database. There may be more, from an earlier import, and never fewer."""
    for url, count in expected.items():

        async def there(tx: Connection, url: str = url) -> int:
            story = await stories.story_by_url(tx, site=source.site, url=url)
            return await imports.count_of_story(tx, story=story.id, source=source.name) if story else 0

        stored = await database.read(there)
        if stored < count:
            report.short.append(f"{url}: {count} in the archive, {stored} here")
