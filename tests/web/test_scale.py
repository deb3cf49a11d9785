"""The scale of foreign protocols: half of all comments rejected, the same order, the same verdict."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from majlis.domain.decision import NATURAL_RATE, Decision, Finding, Verdict
from majlis.web.compat.scale import evened

PROBABILITY = st.floats(0, 1, allow_subnormal=False)


def decision(score: float, *clauses: float) -> Decision:
    return Decision(
        verdict=Verdict.REFER,
        language="en",
        clauses=(),
        scores={f"clause-{number}": one for number, one in enumerate(clauses)} | {"nobody-looked": None},
        score=score,
        findings=tuple(
            Finding(clause=f"clause-{number}", score=one, quote="you", start=0, end=3, signal="classifier")
            for number, one in enumerate(clauses)
        ),
        unchecked=(),
        guidelines="g",
        policy="p",
        model="m",
    )


@pytest.mark.parametrize(("before", "after"), [(0, 0), (NATURAL_RATE, 0.5), (0.5, 0.88), (1, 1)])
def test_what_is_as_likely_as_any_comment_is_even(before: float, after: float) -> None:
    assert evened(decision(before)).score == pytest.approx(after)


@given(PROBABILITY, PROBABILITY, PROBABILITY, PROBABILITY)
def test_the_order_stays_and_no_clause_is_likelier_than_a_rejection(a: float, b: float, c: float, d: float) -> None:
    score, *clauses = sorted((a, b, c, d), reverse=True)

    moved = evened(decision(score, *clauses))

    scores = [one for one in moved.scores.values() if one is not None]
    assert score <= moved.score + 1e-12
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= one <= moved.score for one in scores)
    assert [one.score for one in moved.findings] == scores
    assert moved.scores["nobody-looked"] is None
    assert moved.verdict is Verdict.REFER


@given(PROBABILITY, PROBABILITY)
def test_what_is_likelier_stays_likelier(one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert evened(decision(low)).score <= evened(decision(high)).score
