"""The commands for what is kept: `verify`, `import` and `export`.

What does the work is imported by each command: it needs libraries that a process which serves readers need not hold.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from majlis import errors
from majlis.app import clock
from majlis.cli.root import ConfigOption, DatabaseOption, DataOption, SiteOption, open_database, settings_of, waits
from majlis.interchange.formats import EXPORTS, IMPORTS, check_format
from majlis.store import log

cli = typer.Typer()


@cli.command()
@waits
async def verify(
    site: Annotated[str | None, typer.Option("--site")] = None,
    archive: Annotated[Path | None, typer.Option(help="An exported .jsonl; no database is asked.")] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Walk the decision log and prove that nobody changed history. Exit code 1 at the first broken entry."""
    if archive is not None:
        from majlis.interchange.commands import verify_archive

        raise typer.Exit(await verify_archive(archive))
    async with open_database(data, database, settings_of(config), create=False) as opened:
        sites = [site] if site else await opened.read(log.site_ids)
        if not sites:
            raise errors.NotFound("There is no site in this database, so nothing was checked.")
        for one in sites:
            try:
                entries = await log.verify(opened, one)
            except errors.LogBroken as error:
                typer.echo(f"{one}: broken at entry {error.seq}: {error.detail}")
                raise typer.Exit(1) from error
            typer.echo(f"{one}: {entries} entries checked, nothing changed")


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
    """Write everything of a site: to keep it, to move it, to leave, or to look at it in a spreadsheet."""
    from majlis.interchange.commands import run_export

    settings = settings_of(config)
    check_format(format, EXPORTS)
    async with open_database(data, database, settings, create=False) as opened:
        typer.echo(await run_export(opened, format, file, site=site or settings.site, now=clock()))
