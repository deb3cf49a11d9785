"""Certificates: what is proved holds, what is not proved is not claimed, and what misses is counted."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from majlis.judge.certificate import Case, Certificate, LaneName, certify, needed, upper

DAY = 86_400_000


def case(score: float, rejected: bool) -> Case:
    return Case(score=score, rejected=rejected, language="ckb")


def approving(cases: list[Case]) -> Certificate:
    return certify(cases, lane=LaneName.APPROVE, language="ckb", risk=0.02, confidence=0.95, until=DAY)


def test_a_hundred_and_forty_nine_faultless_comments_prove_two_in_a_hundred() -> None:
    assert needed(0.02, 0.95) == 149
    assert approving([case(0.1, False)] * 149).threshold == 0.99
    assert approving([case(0.1, False)] * 149).error == pytest.approx(0.02, abs=0.0002)


def test_with_one_comment_fewer_it_says_that_one_is_missing() -> None:
    found = approving([case(0.1, False)] * 148)
    assert (found.threshold, found.error, found.missing) == (None, None, 1)


def test_the_threshold_stops_below_the_scores_at_which_people_reject() -> None:
    cases = [case(0.05, False)] * 300 + [case(0.4, True)] * 100
    found = approving(cases)
    assert found.threshold == 0.39
    assert (found.n, found.wrong) == (300, 0)


def test_the_reject_lane_is_searched_from_the_top() -> None:
    cases = [case(0.95, True)] * 100 + [case(0.5, False)] * 100
    found = certify(cases, lane=LaneName.REJECT, language="ckb", risk=0.05, confidence=0.95, until=DAY)
    assert found.threshold == 0.51


def test_where_the_machine_errs_too_often_nothing_is_missing_but_proof() -> None:
    found = approving([case(0.1, n % 5 == 0) for n in range(500)])
    assert (found.threshold, found.missing) == (None, 0)


@pytest.mark.parametrize(
    ("wrong", "n", "bound"), [(0, 149, 0.01990), (1, 100, 0.04656), (5, 100, 0.10225), (3, 10, 0.60662)]
)
def test_the_bound_is_that_of_clopper_and_pearson(wrong: int, n: int, bound: float) -> None:
    assert upper(wrong, n, 0.95) == pytest.approx(bound, abs=5e-5)


@given(st.integers(0, 60), st.integers(1, 400), st.floats(0.5, 0.99))
def test_the_bound_lies_above_the_rate_seen_and_grows_with_the_errors(wrong: int, n: int, confidence: float) -> None:
    wrong = min(wrong, n)
    assert wrong / n <= upper(wrong, n, confidence) <= 1
    assert upper(min(wrong + 1, n), n, confidence) >= upper(wrong, n, confidence)


def test_no_more_certificates_are_wrong_than_their_confidence_allows() -> None:
    """In a world where 3 % of all approvals would be wrong whatever the score, hardly any certificate may say 2 %."""
    rng = random.Random(5)
    false = 0
    for _ in range(300):
        cases = [case(rng.random(), rng.random() < 0.03) for _ in range(400)]
        false += approving(cases).threshold is not None
    assert false <= 300 * 0.05 + 8
