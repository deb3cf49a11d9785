"""The commands for what is kept: `verify`, `import` and `export`.

What does the work is imported by each command: it needs libraries that a process which serves readers need not hold.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Annotated

import typer

from majlis import errors
from majlis.app import clock
from majlis.cli.root import ConfigOption, DatabaseOption, DataOption, SiteOption, open_database, settings_of, waits
from majlis.interchange.formats import EXPORTS, IMPORTS, check_format
from majlis.store import log
from majlis.store.database import Database

cli = typer.Typer()


@cli.command()
@waits
async def verify(
    site: Annotated[str | None, typer.Option("--site", help="One site of the database. Default: all of them.")] = None,
    entry: Annotated[
        int | None, typer.Option(min=1, help="Print the hash of this entry, to compare it with one that you noted.")
    ] = None,
    archive: Annotated[Path | None, typer.Option(help="An exported .jsonl; no database is asked.")] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Walk the decision log and print how many entries it has and the hash of the last. Exit code 1 at a broken entry.

    A log that somebody rewrote from its beginning has no broken entry: only a hash that you noted elsewhere tells.
    """
    if archive is not None:
        from majlis.interchange.commands import verify_archive

        raise typer.Exit(await verify_archive(archive))
    async with open_database(data, database, settings_of(config), create=False) as opened:
        sites = [site] if site else await opened.read(log.site_ids)
        if not sites:
            raise errors.NotFound("There is no site in this database, so nothing was checked.")
        short = False
        for one in sites:
            try:
                entries = await log.verify(opened, one)
            except errors.LogBroken as error:
                typer.echo(f"{one}: broken at entry {error.seq}: {error.detail}")
                raise typer.Exit(1) from error
            typer.echo(await _checked(opened, one, entries))
            if entry is not None and not await _said(opened, one, entry):
                short = True
    raise typer.Exit(short)


async def _checked(opened: Database, site: str, entries: int) -> str:
    """Say what was found to be in order. The hash is asked for by its entry, for the log may have grown meanwhile."""
    last = await opened.read(functools.partial(log.hash_of, site=site, seq=entries))
    return f"{site}: {entries} entries checked, nothing changed" + (f"; the last has the hash {last}" if last else "")


async def _said(opened: Database, site: str, entry: int) -> bool:
    """Print the hash of an entry. False where there is no such entry, as in a log that was cut."""
    found = await opened.read(functools.partial(log.hash_of, site=site, seq=entry))
    typer.echo(f"{site}: entry {entry} has the hash {found}" if found else f"{site}: there is no entry {entry}")
    return found is not None


@cli.command("import")
@waits
async def import_file(
    format: Annotated[str, typer.Argument(help=f"One of {', '.join(IMPORTS)}.")],
    file: Annotated[str, typer.Argument(help="The file, or - for standard input.")],
    site: SiteOption = None,
    language: Annotated[
        str | None, typer.Option(help="Of stories whose language the file does not name. Default: the settings'.")
    ] = None,
    base: Annotated[str, typer.Option(help="Put before pages that the archive names by path only.")] = "",
    judge: Annotated[
        bool, typer.Option("--judge", help="Show what the judge would have decided. It changes nothing.")
    ] = False,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Take in the newsroom's stories, or the comments of another system. Doing it twice adds nothing."""
    from majlis.interchange.commands import Order, run_import

    settings = settings_of(config)
    order = Order(
        format=format,
        file=file,
        site=site or settings.site,
        language=language or settings.language,
        base=base,
        judge=judge,
        secret=settings.secret.encode(),
        guidelines=Path(settings.guidelines) if settings.guidelines else None,
        policy=Path(settings.policy) if settings.policy else None,
    )
    check_format(format, IMPORTS)
    async with open_database(data, database, settings) as opened:
        code = await run_import(opened, order, clock())
    raise typer.Exit(code)


@cli.command("export")
@waits
async def export_file(
    format: Annotated[str, typer.Argument(help=f"One of {', '.join(EXPORTS)}.")],
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Write what a site holds: everything as `jsonl`, its comments for other systems or a spreadsheet, or feedback."""
    from majlis.interchange.commands import run_export

    settings = settings_of(config)
    check_format(format, EXPORTS)
    async with open_database(data, database, settings, create=False) as opened:
        typer.echo(await run_export(opened, format, file, site=site or settings.site, now=clock()))
