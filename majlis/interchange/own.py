"""Our own archive: everything of a site as JSON Lines, and a manifest with hashes beside it.

A line is `["table", {row}]`. The manifest, FILE.manifest.json, says how many bytes and rows there are, their SHA-256,
and where the decision log ends. An archive is checked whole in a database of its own before a row of it is stored.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from hashlib import file_digest, sha256
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import msgspec

from majlis import errors
from majlis.services.restore import begin, put_rows
from majlis.store import archive, log
from majlis.store.database import Connection, Database, connect, sqlite_url

FORMAT = "majlis-archive-1"
BATCH = 1_000


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds. `made_at` is in ms; `entries` and `head` are the length and last hash of the log."""

    format: str
    site: str
    made_at: int
    bytes: int
    sha256: str
    rows: dict[str, int]
    entries: int
    head: str


def manifest_path(file: Path) -> Path:
    """Return where the manifest of an archive stands."""
    return file.with_name(file.name + ".manifest.json")


async def export(database: Database, file: Path, *, site: str, now: int) -> Manifest:
    """Write the archive of a site, as it is at one moment, and its manifest.

    Raises:
        errors.NotFound: there is no such site.
        errors.Unreadable: the file cannot be written.
    """
    part = file.with_name(file.name + ".part")
    try:
        part.touch()
        manifest = await database.snapshot(lambda tx: _write(tx, part, site, now))
        part.replace(file)
        manifest_path(file).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    except OSError as error:
        raise errors.Unreadable(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
    return manifest


async def _write(tx: Connection, file: Path, site: str, now: int) -> Manifest:
    end = await archive.head(tx, site)
    if end is None:
        raise errors.NotFound(f"There is no site {site!r} in this database.")
    digest, size, counts = sha256(), 0, dict.fromkeys(archive.TABLES, 0)
    with file.open("wb") as out:
        for table in archive.TABLES:
            async for row in archive.rows(tx, site=site, table=table):
                line = msgspec.json.encode([table, row]) + b"\n"
                out.write(line)
                digest.update(line)
                size += len(line)
                counts[table] += 1
    return Manifest(
        format=FORMAT,
        site=site,
        made_at=now,
        bytes=size,
        sha256=digest.hexdigest(),
        rows=counts,
        entries=end[0],
        head=end[1],
    )


async def verify(file: Path) -> Manifest:
    """Check an archive without any database of ours: its hash, its rows, and its log against its words.

    Raises:
        errors.ArchiveInvalid: the manifest is missing or does not fit, or a line cannot be a row.
        errors.LogBroken: the log was tampered with before the archive was made, or after it with a new hash.
    """
    manifest = _manifest(file)
    with tempfile.TemporaryDirectory() as folder:
        scratch = await connect(sqlite_url(Path(folder)))
        try:
            await _load(scratch, file, manifest)
            await log.verify(scratch, manifest.site)
        finally:
            await scratch.close()
    return manifest


async def restore(database: Database, file: Path) -> tuple[Manifest, int]:
    """Check an archive and put it into a database. Return its manifest and how many rows were new.

    Where an import of the same archive was stopped half-way, it goes on; else the site has to be empty.

    Raises:
        errors.ArchiveInvalid, errors.LogBroken: as verify; nothing was stored.
        errors.ArchiveInvalid: the site is there with a history of its own; nothing was stored.
    """
    manifest = await verify(file)
    new = await _load(database, file, manifest)
    await log.verify(database, manifest.site)
    return manifest, new


def _manifest(file: Path) -> Manifest:
    path = manifest_path(file)
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
        with file.open("rb") as stream:
            found, size = file_digest(stream, "sha256").hexdigest(), file.stat().st_size
    except OSError as error:
        raise errors.Unreadable(
            f"{error.filename} cannot be read: {error.strerror}.",
            hint="An archive is two files: FILE and FILE.manifest.json.",
        ) from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise errors.ArchiveInvalid(f"The manifest {path.name} cannot be read: {error}.") from error
    if manifest.format != FORMAT:
        raise errors.ArchiveInvalid(f"The manifest names the format {manifest.format[:40]!r}, not {FORMAT!r}.")
    if size != manifest.bytes or found != manifest.sha256:
        raise errors.ArchiveInvalid(
            f"{file.name} has {size} bytes and the hash {found[:16]}…; its manifest says {manifest.bytes} and "
            f"{manifest.sha256[:16]}….",
            hint="The file was cut off or changed after it was exported.",
        )
    return manifest


async def _load(database: Database, file: Path, manifest: Manifest) -> int:
    counts = dict.fromkeys(archive.TABLES, 0)
    new = 0
    await begin(database, site=manifest.site, entries=manifest.entries, head=manifest.head)
    for table, lines in groupby(_lines(file, manifest.site), key=lambda line: line[0]):
        while batch := [row for _, row in islice(lines, BATCH)]:
            new += await put_rows(database, table=table, rows=batch)
            counts[table] += len(batch)
    if counts != manifest.rows:
        raise errors.ArchiveInvalid(f"{file.name} does not hold the rows that its manifest counts.")
    return new


def _lines(file: Path, site: str) -> Iterator[tuple[str, dict[str, Any]]]:
    with file.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                table, row = msgspec.json.decode(line, type=tuple[str, dict[str, Any]])
                row = archive.check(table, row)
                if row.get("site", site) != site or (table == "sites" and row["id"] != site):
                    raise errors.InvalidInput("It is of another site.")
            except (msgspec.DecodeError, errors.InvalidInput) as error:
                raise errors.ArchiveInvalid(f"Line {number} of {file.name} cannot be used: {error}") from error
            yield table, row
