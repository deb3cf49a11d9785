"""Carries out `majlis evaluate`: reads, judges with a progress bar, writes the page, prints a short table.

It is the only file here that prints; no number is made in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from majlis import errors
from majlis.domain.decision import ANY
from majlis.judge import policy as policies
from majlis.learn import cases, groups, labelled, page
from majlis.learn.calibrate import NATURAL
from majlis.learn.evaluate import ALL, Report, evaluate
from majlis.learn.labelled import Example
from majlis.learn.outcomes import POLICY, Outcome, outcomes

GROUPS = Path("corpus") / "groups.toml"
"""The names of groups; where the file does not exist, the report has no table of them."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is measured and where the page goes.

    The functional cases are left out where their folder does not exist. `rate` None stands for the natural rate
    with the corpus, and for the share in the file with a file.
    """

    file: Path
    out: Path
    cases: Path
    weights: Path | None
    policy: Path | None
    rate: float | None
    jobs: int


def report(order: Order, today: date) -> None:
    """Measure, write the page and print the short table.

    Raises:
        errors.Unreadable, errors.ConfigInvalid, errors.WeightsInvalid: something that was named cannot be used.
    """
    examples = labelled.read(order.file)
    try:
        lanes = policies.parse((order.policy or POLICY).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise errors.ConfigInvalid(f"The policy {order.policy} cannot be read: {error}.", field="policy") from error
    corpus = order.file.is_dir()
    noise = Console(stderr=True)

    def judged(some: Sequence[Example]) -> Iterator[Outcome]:
        found = outcomes(some, order.weights, lanes, order.jobs)
        yield from track(
            found, "judging", total=len(some), console=noise, transient=True, disable=not noise.is_terminal
        )

    made = evaluate(
        examples,
        cases.read(order.cases) if order.cases.is_dir() else [],
        groups.read(GROUPS) if GROUPS.is_file() else {},
        judged,
        lanes,
        order.rate or (NATURAL[ANY] if corpus else None),
    )
    source = f"{len(examples)} comments of {'the corpus’ test part' if corpus else order.file.name}"
    order.out.write_text(page.render(made, f"{today:%-d %B %Y}", source), encoding="utf-8")
    console = Console()
    console.print(table(made))
    console.print(f"{order.out} is written.", highlight=False)


def table(made: Report) -> Table:
    """Return the short table: a line a language, and the functional cases below."""
    out = Table(caption=_cases(made), caption_justify="left")
    for name in ("", "fair", "approved", "rejected", "violations", "approved", "rejected", "area"):
        out.add_column(name, justify="right" if name else "left")
    for language, one in made.lanes.items():
        out.add_row(
            language,
            str(one.fair),
            page.percent(one.fair_approved),
            page.percent(one.fair_rejected, 1),
            str(one.broken),
            page.percent(one.broken_approved, 1),
            page.percent(one.broken_rejected),
            page.area(one.area),
            style="bold" if language == ALL else "",
        )
    return out


def _cases(made: Report) -> str:
    total = sum(sum(kind.fair.values()) for kind in made.kinds)
    rejected = sum(not one.broken for one in made.wrong_cases)
    approved = sum(one.broken for one in made.wrong_cases)
    return f"Cases: {rejected} of {total} fair rejected, {approved} of {total} unfair approved." if total else ""
