"""The commands that judge and keep nothing: `judge` and `guidelines check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from majlis import errors
from majlis.cli.root import stderr
from majlis.judge.guidelines import unknown_clauses
from majlis.services.opening import read_examples, read_guidelines, read_guidelines_file

if TYPE_CHECKING:
    from majlis.signals.learned import Learned

cli = typer.Typer()

guidelines_cli = typer.Typer(help="Your written guidelines.", no_args_is_help=True)
cli.add_typer(guidelines_cli, name="guidelines")


@cli.command()
def judge(
    file: Annotated[str, typer.Argument(help="JSONL, .csv or .parquet; - for standard input.")] = "-",
    guidelines: Annotated[
        Path | None, typer.Option(help="Your own guidelines, one file. Default: those of the package.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Your own thresholds. Default: those of the package.")] = None,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes that judge at the same time.")] = 1,
    ray: Annotated[
        str | None,
        typer.Option(
            help="Judge on the Ray cluster of RAY_ADDRESS, else on one made here, into this folder (Parquet)."
        ),
    ] = None,
) -> None:
    """Judge the texts of a file: a line in, a line out, in the same order. Exit code 1 if a line was bad."""
    from majlis.interchange.judging import judge_file, rules_of
    from majlis.interchange.judging_ray import judge_on_ray

    rules = rules_of(guidelines, policy)
    raise typer.Exit(judge_on_ray(file, ray, rules, jobs) if ray else judge_file(file, rules, jobs))


@guidelines_cli.command("check")
def guidelines_check(file: Annotated[Path, typer.Argument(help="A Markdown file, or a folder of them.")]) -> None:
    """Check written guidelines: clauses, language, version, what the machine cannot judge. Exit code 1 if invalid."""
    from majlis.signals.gather import covered, load, taught

    try:
        rules = [*read_guidelines(file).values()] if file.is_dir() else [read_guidelines_file(file)]
        examples = read_examples(file if file.is_dir() else file.parent, rules[0])
    except errors.GuidelinesInvalid as error:
        stderr.print(f"{file}: {error.detail}", markup=False)
        if error.hint:
            stderr.print(f"  {error.hint}", markup=False)
        raise typer.Exit(1) from error
    learned = {one.clause: one for one in (taught(load(), examples).learned if examples else ())}
    for one in rules:
        typer.echo(f"language: {one.language}")
        typer.echo(f"title:    {one.title}")
        typer.echo(f"version:  {one.version}")
        for clause in one.clauses:
            typer.echo(f"clause:   {clause.id} ({clause.title})")
        for id in unknown_clauses(one, covered()):
            typer.echo(_known(id, learned.get(id)))


def _known(id: str, learned: Learned | None) -> str:
    """Return what the machine knows of a clause of the newsroom's own."""
    if learned is None:
        return (
            f"note:     no signal knows the clause {id}; the machine approves nothing while it stands, "
            "and people decide."
        )
    from majlis.signals.learned import LEAST

    found = learned.quality
    measured = f"{found.bad} + {found.good} examples, area {found.area:.2f} (at least {found.low:.2f})"
    if learned.good:
        return f"learned:  {id} from {measured}; what resembles them waits for a person"
    return f"note:     {id} is not learned from {measured}; {LEAST:.2f} is needed, and people decide."
