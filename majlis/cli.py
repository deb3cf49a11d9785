"""The command `majlis`. Each command reads its options, calls one act and prints; no rule stands here."""

from __future__ import annotations

import asyncio
import functools
import os
import secrets
import sys
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from platformdirs import user_data_path
from rich.console import Console

from majlis import __version__, errors
from majlis.app import DEMO_URL, clock, hooks_of, serve_by_workers, serve_demo, serve_site
from majlis.config import Config, check_production, read
from majlis.domain.guidelines import Guidelines
from majlis.domain.ids import uuid7
from majlis.domain.site import Role
from majlis.interchange.commands import EXPORTS, IMPORTS, Order, check_format, run_export, run_import, verify_archive
from majlis.interchange.judging import judge_file
from majlis.judge.certificate import Certificate, LaneName
from majlis.judge.guidelines import unknown_clauses
from majlis.learn.commands import evaluate, train
from majlis.services import calibrate, keys
from majlis.services.deliver import send_test
from majlis.services.opening import ensure_site, read_guidelines, read_guidelines_file
from majlis.services.staff import add_staff, one_time_login
from majlis.signals.gather import covered
from majlis.store import log
from majlis.store.database import connect, sqlite_url

P = ParamSpec("P")
T = TypeVar("T")

cli = typer.Typer(
    name="majlis",
    help="Pre-moderated comments for newsrooms.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
guidelines_cli = typer.Typer(help="Your written guidelines.", no_args_is_help=True)
staff_cli = typer.Typer(help="The people of the desk.", no_args_is_help=True)
keys_cli = typer.Typer(help="API keys.", no_args_is_help=True)
hooks_cli = typer.Typer(help="Your own systems that are told of comments.", no_args_is_help=True)
cli.add_typer(guidelines_cli, name="guidelines")
cli.add_typer(staff_cli, name="staff")
cli.add_typer(keys_cli, name="keys")
cli.add_typer(hooks_cli, name="hooks")

stderr = Console(stderr=True, highlight=False, soft_wrap=True)

DataOption = Annotated[Path | None, typer.Option("--data", help="Folder of a SQLite database.")]
DatabaseOption = Annotated[str | None, typer.Option("--database", help="Address of a database.")]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="A majlis.toml.")]
SiteOption = Annotated[str | None, typer.Option("--site", help="The site in the database. Default: the settings'.")]


def main() -> None:
    """Run the command; an error is one sentence on stderr and exit code 2."""
    _or_say(cli)


def _or_say(work: Callable[[], None]) -> None:
    try:
        work()
    except errors.MajlisError as error:
        stderr.print(f"majlis: {error.detail}", markup=False)
        if error.hint:
            stderr.print(f"        {error.hint}", markup=False)
        sys.exit(2)


def _waits(command: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return asyncio.run(command(*args, **kwargs))

    return run


def _settings(config: Path | None = None) -> Config:
    """Return the settings of the environment and of a file: the one given, or the majlis.toml of this folder."""
    return read(os.environ, config or (Path("majlis.toml") if Path("majlis.toml").exists() else None))


def _database(data: Path | None, database: str | None, settings: Config) -> str:
    """Return the address that a command was given; else that of the settings; else the demo's own folder."""
    if data is not None and database is not None:
        raise errors.ConfigInvalid("Both --data and --database were given.", hint="Give one of them.")
    if data is not None:
        return sqlite_url(data)
    return database or settings.database or sqlite_url(default_folder())


def default_folder() -> Path:
    """Return the folder in which the demo keeps its data."""
    return user_data_path("majlis")


@cli.callback(invoke_without_command=True)
def version(
    context: typer.Context,
    show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Pre-moderated comments for newsrooms."""
    if show:
        typer.echo(f"majlis {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    data: DataOption = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Run a sample newsroom with stories in six languages. Running it again keeps what was written."""
    folder = data or default_folder()
    asyncio.run(serve_demo(folder, port, open_page=open_page))


@cli.command()
def serve(
    config: ConfigOption = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the port. Needs PostgreSQL.")] = 1,
) -> None:
    """Run the product. Settings: environment over file over default."""
    settings = _settings(config)
    check_production(settings)
    if workers > 1:
        work = functools.partial(_or_say, lambda: asyncio.run(serve_site(settings)))
        raise typer.Exit(serve_by_workers(settings, workers, work))
    asyncio.run(serve_site(settings))


@cli.command()
def judge(
    file: Annotated[str, typer.Argument(help="JSONL, .csv or .parquet; - for standard input.")] = "-",
    guidelines: Annotated[Path | None, typer.Option(help="Your own guidelines, one file.")] = None,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes that judge at the same time.")] = 1,
) -> None:
    """Judge the texts of a file: a line in, a line out, in the same order. Exit code 1 if a line was bad."""
    raise typer.Exit(judge_file(file, guidelines, jobs))


@guidelines_cli.command("check")
def guidelines_check(file: Annotated[Path, typer.Argument(help="A Markdown file, or a folder of them.")]) -> None:
    """Check written guidelines: clauses, language, version, what the machine cannot judge. Exit code 1 if invalid."""
    found = read_guidelines(file) if file.is_dir() else None
    rules = list(found.values()) if found else [_one_file(file)]
    for one in rules:
        typer.echo(f"language: {one.language}")
        typer.echo(f"title:    {one.title}")
        typer.echo(f"version:  {one.version}")
        for clause in one.clauses:
            typer.echo(f"clause:   {clause.id} ({clause.title})")
        for id in unknown_clauses(one, covered()):
            typer.echo(
                f"note:     no signal knows the clause {id}; the machine approves nothing while it stands, "
                "and people decide."
            )


def _one_file(file: Path) -> Guidelines:
    try:
        return read_guidelines_file(file)
    except errors.GuidelinesInvalid as error:
        stderr.print(f"{file}: {error.detail}", markup=False)
        if error.hint:
            stderr.print(f"  {error.hint}", markup=False)
        raise typer.Exit(1) from error


@cli.command()
@_waits
async def verify(
    site: Annotated[str | None, typer.Option("--site")] = None,
    archive: Annotated[Path | None, typer.Option(help="An exported .jsonl; no database is asked.")] = None,
    data: DataOption = None,
    database: DatabaseOption = None,
) -> None:
    """Walk the decision log and prove that nobody changed history. Exit code 1 at the first broken entry."""
    if archive is not None:
        raise typer.Exit(await verify_archive(archive))
    opened = await connect(_database(data, database, _settings()), create=False)
    try:
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
    finally:
        await opened.close()


@cli.command("import")
@_waits
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
) -> None:
    """Take in the newsroom's stories, or the comments of another system. Doing it twice adds nothing."""
    settings = _settings()
    order = Order(
        format=format,
        file=file,
        site=site or settings.site,
        language=language or settings.language,
        base=base,
        judge=judge,
        secret=settings.secret.encode(),
    )
    check_format(format, IMPORTS)
    opened = await connect(_database(data, database, settings))
    try:
        code = await run_import(opened, order, clock())
    finally:
        await opened.close()
    raise typer.Exit(code)


@cli.command("export")
@_waits
async def export_file(
    format: Annotated[str, typer.Argument(help=f"One of {', '.join(EXPORTS)}.")],
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
) -> None:
    """Write everything of a site: to keep it, to move it, to leave, or to look at it in a spreadsheet."""
    settings = _settings()
    check_format(format, EXPORTS)
    opened = await connect(_database(data, database, settings), create=False)
    try:
        typer.echo(await run_export(opened, format, file, site=site or settings.site, now=clock()))
    finally:
        await opened.close()


@staff_cli.command("add")
@_waits
async def staff_add(
    name: str,
    role: Annotated[Role, typer.Option("--role", help="What they may do.")],
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Add a person of the desk and print their one-time login, which works for a day."""
    settings = _settings(config)
    site = site or settings.site
    opened = await connect(_database(data, database, settings))
    try:
        await ensure_site(opened, site=site, name=settings.name, now=clock())
        person = await add_staff(opened, site=site, name=name, role=role, now=clock(), random=secrets.token_bytes(10))
        token = await one_time_login(opened, staff=person, now=clock(), random=secrets.token_bytes(32))
    finally:
        await opened.close()
    typer.echo(f"{settings.public_url or DEMO_URL}/desk/login?token={token}")


@keys_cli.command("create")
@_waits
async def keys_create(
    name: str,
    scope: Annotated[keys.Scope, typer.Option("--scope", help="What the key may do.")],
    rate: Annotated[str, typer.Option(help="How often it may be used, such as 60/minute;1000/day.")] = "",
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
) -> None:
    """Make an API key and print it: once, as the only line. Only its hash is stored."""
    settings = _settings()
    site = site or settings.site
    opened = await connect(_database(data, database, settings))
    try:
        await ensure_site(opened, site=site, name=settings.name, now=clock())
        random = secrets.token_bytes(keys.RANDOM_BYTES)
        key = await keys.create_key(opened, site=site, name=name, scope=scope, now=clock(), random=random, rate=rate)
    finally:
        await opened.close()
    typer.echo(key)


@keys_cli.command("list")
@_waits
async def keys_list(site: SiteOption = None, data: DataOption = None, database: DatabaseOption = None) -> None:
    """Print the keys that work, a line each: id, scope, limit, since when, name."""
    settings = _settings()
    opened = await connect(_database(data, database, settings), create=False)
    try:
        for key in await keys.open_keys(opened, site=site or settings.site):
            since = datetime.fromtimestamp(key.created_at / 1000, UTC).date()
            typer.echo(f"{key.id}  {key.scope:5}  {key.rate or '-'}  {since}  {key.name}")
    finally:
        await opened.close()


@keys_cli.command("revoke")
@_waits
async def keys_revoke(
    id: Annotated[str, typer.Argument(help="The id that `majlis keys list` prints.")],
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
) -> None:
    """Revoke an API key. It stops working at once."""
    settings = _settings()
    opened = await connect(_database(data, database, settings), create=False)
    try:
        await keys.revoke_key(opened, site=site or settings.site, id=id, now=clock())
    finally:
        await opened.close()


@hooks_cli.command("test")
@_waits
async def hooks_test(config: ConfigOption = None) -> None:
    """Send a signed test to each address of the settings and print how it went. Exit code 1 if one did not take it."""
    failed = False
    for hook in hooks_of(_settings(config)):
        answer = await send_test(hook, id=uuid7(clock(), secrets.token_bytes(10)), now=clock())
        typer.echo(f"{hook.url}: {answer.error or 'ok'}")
        failed = failed or bool(answer.error)
    raise typer.Exit(failed)


@cli.command("calibrate")
@_waits
async def calibrate_lanes(
    site: SiteOption = None,
    approve: Annotated[float, typer.Option(min=0.001, max=0.5, help="Wrong approvals that you accept.")] = 0.02,
    reject: Annotated[float, typer.Option(min=0.001, max=0.5, help="Wrong rejections that you accept.")] = 0.05,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.999, help="How sure the proof has to be.")] = 0.95,
    data: DataOption = None,
    database: DatabaseOption = None,
) -> None:
    """Print what your moderators' decisions prove about each lane. Changes nothing."""
    settings = _settings()
    opened = await connect(_database(data, database, settings), create=False)
    try:
        found = await calibrate.cases(opened, site=site or settings.site)
    finally:
        await opened.close()
    if not found:
        typer.echo("No comment was decided by a person after the machine had read it, so nothing can be proved.")
    for one in calibrate.certificates(found, approve=approve, reject=reject, confidence=confidence, now=clock()):
        typer.echo(_proved(one))


def _proved(one: Certificate) -> str:
    place = f"{one.language}{f' {one.section}' if one.section else ''} {one.lane}"
    if one.threshold is None or one.error is None:
        why = f"{one.missing} decisions are missing at least" if one.missing else "the machine errs too often"
        return f"{place}: nothing is proved on {one.n} decisions; {why}"
    until = datetime.fromtimestamp(one.until / 1000, UTC).date()
    return (
        f"{place} {'≤' if one.lane is LaneName.APPROVE else '≥'} {one.threshold:.2f}: at most {one.error:.1%} wrong "
        f"({one.confidence:.0%} sure; {one.wrong} of {one.n} were), until {until}"
    )


cli.command()(train)
cli.command()(evaluate)
