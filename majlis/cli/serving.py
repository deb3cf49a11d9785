"""The commands that answer readers: `demo` and `serve`."""

from __future__ import annotations

import functools
from typing import Annotated

import typer

from majlis.app import serve_by_workers, serve_demo, serve_site
from majlis.cli.root import ConfigOption, DataOption, default_folder, or_say, settings_of
from majlis.config import check_production

cli = typer.Typer()


@cli.command()
def demo(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    data: DataOption = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Run a sample newsroom with stories in six languages. Running it again keeps what was written."""
    folder = data or default_folder()
    serve_demo(folder, port, open_page=open_page)


@cli.command()
def serve(
    config: ConfigOption = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that share the port. Needs PostgreSQL.")] = 1,
) -> None:
    """Run the product. Settings: environment over file over default."""
    settings = settings_of(config)
    check_production(settings)
    if workers > 1:
        work = functools.partial(or_say, lambda: serve_site(settings))
        raise typer.Exit(serve_by_workers(settings, workers, work))
    serve_site(settings)
