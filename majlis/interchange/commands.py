"""What `majlis import`, `majlis export` and `majlis verify --archive` do: the file, the progress, the report.

No format is read or written here.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from majlis import errors
from majlis.interchange import feed, own, taking
from majlis.interchange.archive import Archive
from majlis.interchange.formats import reader
from majlis.interchange.hindsight import Hindsight
from majlis.interchange.judging import read_bytes
from majlis.interchange.leaving import WRITERS
from majlis.services.newsroom import keyed_hash
from majlis.services.takeover import Source
from majlis.store.database import Database


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked to import, with the settings that apply. An empty secret is one of a site without any.

    `guidelines` and `policy` are what `judge` applies; None for the defaults.
    """

    format: str
    file: str
    site: str
    language: str
    base: str
    judge: bool
    secret: bytes
    guidelines: Path | None = None
    policy: Path | None = None


async def run_import(database: Database, order: Order, now: int) -> int:
    """Import a file and print the report. Return 1 where fewer comments are there than the file holds."""
    if order.format == "feed":
        stories = await feed.take_in(
            database, read_bytes(order.file), site=order.site, language=order.language, now=now
        )
        typer.echo(f"read {stories.read}, written {stories.written}, skipped {len(stories.skipped)}")
        for reason in stories.skipped:
            typer.echo(f"  {reason}")
        return 0
    if order.format == "jsonl":
        manifest, new = await own.restore(database, Path(order.file))
        typer.echo(f"read {sum(manifest.rows.values())} rows of {manifest.site}, written {new}")
        typer.echo(f"{manifest.entries} entries of the decision log checked, nothing changed")
        return 0
    return await _take_in(database, order, now)


async def _take_in(database: Database, order: Order, now: int) -> int:
    source = Source(
        name=order.format,
        site=order.site,
        language=order.language,
        now=now,
        author_key=lambda who: keyed_hash(order.secret, "author", who),
    )
    hindsight = Hindsight(order.guidelines, order.policy) if order.judge else None
    with _file(order.file) as path, _progress(path) as seen:
        archive = Archive(path, base=order.base, seen=seen)
        report = await taking.take_in(
            database,
            archive,
            reader(order.format),
            source,
            written=hindsight.look if hindsight else lambda _: None,
        )
    for line in _told(report):
        typer.echo(line)
    for line in hindsight.lines() if hindsight else ():
        typer.echo(line)
    return 1 if report.short else 0


def _told(report: taking.Report) -> Iterator[str]:
    skipped = sum(reason.count for reason in report.skipped.values())
    yield f"read {report.read}, written {report.written}, already there {report.known}, skipped {skipped}"
    for reason, entry in report.skipped.items():
        more = ", …" if entry.count > len(entry.places) else ""
        yield f"  skipped {entry.count}: {reason} ({'; '.join(entry.places)}{more})"
    if report.strayed:
        yield f"  {report.strayed} replies to comments that are not in the file stand as conversations of their own"
    if report.short:
        yield f"{len(report.short)} of {report.stories} stories hold fewer comments than the file:"
        yield from (f"  {line}" for line in report.short)
    else:
        yield f"{report.stories} stories, and the comments of each of them agree with the file"


@contextmanager
def _file(name: str) -> Iterator[Path]:
    """Give the path of a file; standard input becomes one first, for an archive is read twice."""
    if name != "-":
        yield Path(name)
        return
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.flush()
        yield Path(copy.name)


@contextmanager
def _progress(path: Path) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how much of a file was read: it is checked first, and read again to be stored."""
    size = path.stat().st_size if path.is_file() else None
    columns = (TextColumn("check and store"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=2 * size if size else None)
        yield lambda count: bar.advance(task, count)


async def run_export(database: Database, format: str, file: Path, *, site: str, now: int) -> str:
    """Write a file and return the line that says what is in it."""
    if format == "jsonl":
        manifest = await own.export(database, file, site=site, now=now)
        return (
            f"{manifest.rows['comments']} comments and {manifest.entries} entries of the decision log in {file}; "
            f"its hashes in {own.manifest_path(file)}"
        )
    return f"{await WRITERS[format](database, file, site)} comments in {file}"


async def verify_archive(file: Path) -> int:
    """Check an archive of ours and print the outcome. Return 1 where it is broken."""
    try:
        manifest = await own.verify(file)
    except (errors.LogBroken, errors.ArchiveInvalid) as error:
        typer.echo(f"{file}: {error.detail}")
        return 1
    last = f"; the last has the hash {manifest.head}" if manifest.head else ""
    typer.echo(f"{manifest.site}: {manifest.entries} entries checked, nothing changed{last}")
    return 0
