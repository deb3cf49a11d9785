"""Judges labelled comments as a newsroom would, with the shipped guidelines' clauses, and keeps what came out.

It compares nothing with the labels; that is what the measures are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

import msgspec

from majlis.domain.decision import Finding, Submission, Verdict
from majlis.domain.guidelines import CLAUSES, Clause, Guidelines
from majlis.judge import policy as policies
from majlis.judge.judge import judge
from majlis.judge.policy import Policy
from majlis.learn.labelled import Example
from majlis.signals.gather import Signals, gather, load

GUIDELINES = Guidelines(
    language="en",
    title="",
    introduction="",
    introduction_html="",
    clauses=tuple(Clause(id=clause, title=clause, text="", html="") for clause in CLAUSES),
    version="",
    source="",
)
"""The clauses of the default guidelines, without words: labels name no others."""

POLICY = Path(policies.__file__).with_name("policy.toml")
BATCH = 32
"""Comments that one process judges at a time."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One labelled comment and what the judge made of it. `scores` has every clause that was answered for."""

    example: Example
    verdict: Verdict
    score: float
    scores: dict[str, float]
    findings: tuple[Finding, ...]
    model: str

    @property
    def strongest(self) -> str:
        """The clause with the highest score."""
        return max(self.scores, key=lambda clause: self.scores[clause], default="")


def outcome(signals: Signals, policy: Policy, example: Example) -> Outcome:
    """Return what the judge makes of one comment. Its language is taken for the story's."""
    submission = Submission(
        text=example.text,
        language=example.language or None,
        title=example.title,
        summary=example.summary,
        parent=example.parent,
    )
    decision = judge(submission, GUIDELINES, gather(signals, submission), policy)
    return Outcome(
        example=example,
        verdict=decision.verdict,
        score=decision.score,
        scores={clause: score for clause, score in decision.scores.items() if score is not None},
        findings=decision.findings,
        model=decision.model,
    )


def outcomes(examples: Sequence[Example], weights: Path | None, policy: Policy, jobs: int) -> Iterator[Outcome]:
    """Yield what the judge makes of each comment, in their order, in one process or several.

    Raises:
        errors.WeightsInvalid: the weights cannot be read; nothing can be measured without them.
    """
    if jobs == 1:
        signals = _signals(weights)
        yield from (outcome(signals, policy, example) for example in examples)
        return
    with ProcessPoolExecutor(jobs, initializer=_start, initargs=(weights, policy)) as pool:
        for done in pool.map(_batch, _batches(examples)):
            yield from done


_kept: tuple[Signals, Policy] | None = None


def _signals(weights: Path | None) -> Signals:
    made = load(weights)
    if made.broken is not None:
        raise made.broken
    return made


def _start(weights: Path | None, policy: Policy) -> None:
    global _kept
    _kept = _signals(weights), policy


def _batch(examples: list[Example]) -> list[Outcome]:
    assert _kept is not None
    return [outcome(*_kept, example) for example in examples]


def _batches(examples: Sequence[Example]) -> Iterator[list[Example]]:
    left = iter(examples)
    while batch := list(islice(left, BATCH)):
        yield batch
