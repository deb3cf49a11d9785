"""Runs `majlis judge` over a file: read, judged in one or several processes, written in the same order."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, SpinnerColumn, TimeElapsedColumn

from majlis import errors
from majlis.domain.guidelines import Examples, Guidelines
from majlis.interchange import judgements
from majlis.interchange.ahead import ahead
from majlis.interchange.judgements import BadLine, Judged, Kind, Line
from majlis.judge.policy import Policy
from majlis.services.judgement import judge_text
from majlis.services.opening import read_examples, read_guidelines, read_guidelines_file, read_policy
from majlis.signals.gather import load, taught

BATCH = 64
"""Lines that one process judges at a time."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What comments are judged by.

    `guidelines` are by language, and the first hold where a comment's language has none; `policy` holds the lanes;
    `examples` teach their own clauses.
    """

    guidelines: Mapping[str, Guidelines]
    policy: Policy
    examples: tuple[Examples, ...] = ()


class Judge:
    """Everything that judging needs, loaded once in each process."""

    def __init__(self, rules: Rules) -> None:
        self._guidelines = rules.guidelines
        self._policy = rules.policy
        self._signals = taught(load(), rules.examples)

    def __call__(self, line: Line | BadLine) -> Judged | BadLine:
        if isinstance(line, BadLine):
            return line
        default = next(iter(self._guidelines))
        decision, _ = judge_text(self._signals, self._guidelines, self._policy, line.submission, default=default)
        return judgements.render(line.id, decision)


_judge: Judge | None = None


def _start(rules: Rules) -> None:
    global _judge
    _judge = Judge(rules)


def _judge_batch(lines: list[Line | BadLine]) -> list[Judged | BadLine]:
    assert _judge is not None
    return [_judge(line) for line in lines]


def judge_file(name: str, rules: Rules, jobs: int) -> int:
    """Judge a file (`-` for standard input) to standard output. Return 1 if a line was bad, else 0.

    Raises:
        errors.Unreadable, errors.ExtraMissing.
    """
    with ExitStack() as stack:
        stream = _open(name, stack)
        kind = judgements.kind_of(name)
        outcomes = _counted(_judged(judgements.read(stream, kind), rules, jobs), stack)
        bad = 0

        def passed() -> Iterator[Judged | BadLine]:
            nonlocal bad
            for outcome in outcomes:
                bad += isinstance(outcome, BadLine)
                yield outcome

        if kind is Kind.PARQUET:
            judgements.write_parquet(passed(), sys.stdout.buffer)
        else:
            for line in judgements.lines(passed(), kind):
                sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    return 1 if bad else 0


def rules_of(guidelines: Path | None = None, policy: Path | None = None) -> Rules:
    """Return the guidelines of one file and the examples beside it, and the lanes of another; or the defaults.

    Raises:
        errors.GuidelinesInvalid: the file or an example cannot be used.
        errors.ConfigInvalid: the lanes cannot be used.
    """
    lanes, _ = read_policy(policy)
    if guidelines is None:
        return Rules(read_guidelines(), lanes)
    one = read_guidelines_file(guidelines)
    return Rules({one.language: one}, lanes, read_examples(guidelines.parent, one))


def read_bytes(name: str) -> bytes:
    """Return the content of a file, or of standard input for `-`. Raises errors.Unreadable."""
    with ExitStack() as stack:
        return _open(name, stack).read()


def _open(name: str, stack: ExitStack) -> BinaryIO:
    if name == "-":
        return sys.stdin.buffer
    try:
        return stack.enter_context(Path(name).open("rb"))
    except OSError as error:
        raise errors.Unreadable(f"{name} cannot be read: {error.strerror}.", hint="Check the path.") from error


def _judged(lines: Iterator[Line | BadLine], rules: Rules, jobs: int) -> Iterator[Judged | BadLine]:
    if jobs == 1:
        yield from map(Judge(rules), lines)
        return
    with ProcessPoolExecutor(jobs, initializer=_start, initargs=(rules,)) as pool:
        yield from ahead(pool, _judge_batch, lines, size=BATCH, most=2 * jobs)


def _counted(outcomes: Iterable[Judged | BadLine], stack: ExitStack) -> Iterator[Judged | BadLine]:
    """Show on a terminal how many lines are done."""
    if not sys.stderr.isatty():
        yield from outcomes
        return
    columns = (SpinnerColumn(), MofNCompleteColumn(), "comments", TimeElapsedColumn())
    progress = stack.enter_context(Progress(*columns, console=Console(stderr=True)))
    task = progress.add_task("judging", total=None)
    for outcome in outcomes:
        progress.advance(task)
        yield outcome
