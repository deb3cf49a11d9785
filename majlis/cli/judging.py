"""The commands that judge and keep nothing: `judge` and `guidelines check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from majlis import errors
from majlis.cli.root import stderr
from majlis.domain.guidelines import Guidelines
from majlis.interchange.judging import judge_file
from majlis.interchange.judging_ray import judge_on_ray
from majlis.judge.guidelines import unknown_clauses
from majlis.services.opening import read_guidelines, read_guidelines_file
from majlis.signals.gather import covered

cli = typer.Typer()

guidelines_cli = typer.Typer(help="Your written guidelines.", no_args_is_help=True)
cli.add_typer(guidelines_cli, name="guidelines")


@cli.command()
def judge(
    file: Annotated[str, typer.Argument(help="JSONL, .csv or .parquet; - for standard input.")] = "-",
    guidelines: Annotated[Path | None, typer.Option(help="Your own guidelines, one file.")] = None,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes that judge at the same time.")] = 1,
    ray: Annotated[
        str | None,
        typer.Option(
            help="Judge on the Ray cluster of RAY_ADDRESS, else on one made here, into this folder (Parquet)."
        ),
    ] = None,
) -> None:
    """Judge the texts of a file: a line in, a line out, in the same order. Exit code 1 if a line was bad."""
    raise typer.Exit(judge_on_ray(file, ray, guidelines, jobs) if ray else judge_file(file, guidelines, jobs))


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
