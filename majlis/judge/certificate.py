"""How far the machine may be trusted with a lane: a bound, proved on comments that people decided, or how many miss.

Pure arithmetic on scores and verdicts. It reads no database, changes no policy and decides nothing.

Sources: Clopper and Pearson, "The use of confidence or fiducial limits", Biometrika 1934; Angelopoulos, Bates, Candès,
Jordan and Lei, "Learn then Test", 2021 (arXiv:2110.01052): thresholds are tried in a fixed order, from the strictest,
and the first that fails ends the search, so that trying many costs no confidence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

STEPS = tuple(step / 100 for step in range(1, 100))
"""The thresholds that are tried, in hundredths."""


class LaneName(StrEnum):
    """What the machine would do alone."""

    APPROVE = "approve"
    REJECT = "reject"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One comment that both saw: the machine's overall score from 0 to 1, and whether a person rejected it."""

    score: float
    rejected: bool
    language: str
    section: str = ""


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What was proved of one lane in one language.

    With `confidence`, at most the share `error` of the comments that the machine decides beyond `threshold` are decided
    wrongly; of `n` such comments `wrong` were. Without proof `threshold` and `error` are None, and `missing` says how
    many more decided comments are needed at least: 0 where the number would do and the machine errs too often.
    `until` is the time (ms) from which it no longer counts.
    """

    lane: LaneName
    language: str
    section: str
    risk: float
    confidence: float
    n: int
    wrong: int
    threshold: float | None
    error: float | None
    missing: int
    until: int


def certify(
    cases: Sequence[Case],
    *,
    lane: LaneName,
    language: str,
    section: str = "",
    risk: float,
    confidence: float,
    until: int,
) -> Certificate:
    """Return the loosest threshold whose error is proved to be at most `risk`; the cases are of one language.

    The proof holds for comments like the cases: drawn from what readers send, not only from what was referred.
    """
    least = needed(risk, confidence)
    best: tuple[float, int, int] | None = None
    for step in STEPS if lane is LaneName.APPROVE else reversed(STEPS):
        inside = _inside(cases, lane, step)
        wrong = sum(case.rejected == (lane is LaneName.APPROVE) for case in inside)
        if len(inside) < least:
            continue
        if upper(wrong, len(inside), confidence) > risk:
            break
        best = step, len(inside), wrong
    if best is not None:
        threshold, n, wrong = best
        error, missing = upper(wrong, n, confidence), 0
        return Certificate(
            lane=lane, language=language, section=section, risk=risk, confidence=confidence,
            n=n, wrong=wrong, threshold=threshold, error=error, missing=missing, until=until,
        )  # fmt: skip
    widest = STEPS[-1] if lane is LaneName.APPROVE else STEPS[0]
    n = len(_inside(cases, lane, widest))
    return Certificate(
        lane=lane, language=language, section=section, risk=risk, confidence=confidence,
        n=n, wrong=0, threshold=None, error=None, missing=max(0, least - n), until=until,
    )  # fmt: skip


def needed(risk: float, confidence: float) -> int:
    """Return how many comments without one error prove an error of at most `risk`: 149 for 2 % at 95 %."""
    return math.ceil(math.log(1 - confidence) / math.log(1 - risk))


def upper(wrong: int, n: int, confidence: float) -> float:
    """Return the exact upper bound of an error rate (Clopper-Pearson, one-sided); 1.0 where nothing was seen."""
    if wrong >= n:
        return 1.0
    low, high = wrong / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(wrong, n, middle) > 1 - confidence else (low, middle)
    return high


def languages(cases: Iterable[Case]) -> list[str]:
    """Return the languages of the cases, sorted."""
    return sorted({case.language for case in cases})


def _inside(cases: Sequence[Case], lane: LaneName, threshold: float) -> list[Case]:
    if lane is LaneName.APPROVE:
        return [case for case in cases if case.score <= threshold]
    return [case for case in cases if case.score >= threshold]


def _at_most(wrong: int, n: int, rate: float) -> float:
    """Return the chance of at most `wrong` errors in n at this rate."""
    if rate <= 0:
        return 1.0
    if rate >= 1:
        return 0.0
    log, log_not = math.log(rate), math.log1p(-rate)
    whole = math.lgamma(n + 1)
    terms = (
        math.exp(whole - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * log + (n - k) * log_not)
        for k in range(wrong + 1)
    )
    return min(1.0, math.fsum(terms))
