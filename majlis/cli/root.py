"""What every command shares: the program itself, its options, its settings, and how an error is said."""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

import typer
from platformdirs import user_data_path
from rich.console import Console

from majlis import __version__, errors
from majlis.config import Config, read
from majlis.store.database import Database, connect, sqlite_url

P = ParamSpec("P")
T = TypeVar("T")

cli = typer.Typer(
    name="majlis",
    help="Pre-moderated comments for newsrooms.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)

DataOption = Annotated[Path | None, typer.Option("--data", help="Folder of a SQLite database.")]
DatabaseOption = Annotated[str | None, typer.Option("--database", help="Address of a database.")]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="A majlis.toml.")]
SiteOption = Annotated[str | None, typer.Option("--site", help="The site in the database. Default: the settings'.")]


def or_say(work: Callable[[], None]) -> None:
    try:
        work()
    except errors.MajlisError as error:
        stderr.print(f"majlis: {error.detail}", markup=False)
        if error.hint:
            stderr.print(f"        {error.hint}", markup=False)
        sys.exit(2)


def waits(command: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return asyncio.run(command(*args, **kwargs))

    return run


def settings_of(config: Path | None = None) -> Config:
    """Return the settings of the environment and of a file: the one given, or the majlis.toml of this folder."""
    return read(os.environ, config or (Path("majlis.toml") if Path("majlis.toml").exists() else None))


@asynccontextmanager
async def open_database(
    data: Path | None, database: str | None, settings: Config, *, create: bool = True
) -> AsyncIterator[Database]:
    """Give the database that a command was told, else that of the settings, else the demo's; close it at the end."""
    if data is not None and database is not None:
        raise errors.ConfigInvalid("Both --data and --database were given.", hint="Give one of them.")
    address = sqlite_url(data) if data else database or settings.database or sqlite_url(default_folder())
    opened = await connect(address, create=create)
    try:
        yield opened
    finally:
        await opened.close()


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
