"""The measures: what holds for any scores and labels, and a few numbers that were worked out by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from majlis.learn import measures

SCORED = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60)
MIXED = SCORED.filter(lambda some: len({broken for _, broken in some}) == 2)


def arrays(some: list[tuple[float, bool]]) -> tuple[measures.Array, np.ndarray]:
    return np.array([score for score, _ in some]), np.array([broken for _, broken in some], dtype=bool)


def test_the_area_counts_pairs_and_ties_by_half() -> None:
    assert measures.area([0.1, 0.4, 0.35, 0.8], [False, False, True, True]).area == 0.75
    assert measures.area([0.5, 0.5], [False, True]).area == 0.5


def test_an_area_without_one_error_on_few_comments_is_no_proof() -> None:
    few = measures.area([0.1] * 5 + [0.9] * 5, [False] * 5 + [True] * 5)
    many = measures.area([0.1] * 50 + [0.9] * 50, [False] * 50 + [True] * 50)
    assert few.area == many.area == 1.0
    assert few.low < 0.75 < 0.94 < many.low < 1.0


def test_what_was_never_seen_is_not_a_number() -> None:
    assert math.isnan(measures.area([0.1, 0.2], [True, True]).area)
    assert math.isnan(measures.share(0, 0).share)


@given(MIXED)
def test_an_area_lies_in_its_interval_and_turns_round_with_the_labels(some: list[tuple[float, bool]]) -> None:
    scores, broken = arrays(some)
    found, turned = measures.area(scores, broken), measures.area(scores, ~broken)
    assert 0 <= found.low <= found.area <= found.high <= 1
    assert found.area == pytest.approx(1 - turned.area)
    assert (found.low, found.high) == pytest.approx((1 - turned.high, 1 - turned.low), abs=1e-6)


@given(MIXED)
def test_only_the_order_of_the_scores_counts_for_the_area(some: list[tuple[float, bool]]) -> None:
    scores, broken = arrays(some)
    ranks = np.searchsorted(np.unique(scores), scores).astype(float)
    assert measures.area(scores, broken) == measures.area(ranks, broken)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_share_lies_in_its_interval(counted: tuple[int, int]) -> None:
    hits, n = counted
    found = measures.share(hits, n)
    assert 0 <= found.low <= found.share <= found.high <= 1
    assert (found.low == 0) == (hits == 0)
    assert (found.high == 1) == (hits == n)


def test_no_error_in_149_proves_at_most_two_and_a_half_in_100() -> None:
    assert measures.share(0, 149).high == pytest.approx(0.0245, abs=5e-4)


@given(SCORED, st.none() | st.floats(0.01, 0.99))
def test_weights_sum_to_one_and_keep_the_rate(some: list[tuple[float, bool]], rate: float | None) -> None:
    _, broken = arrays(some)
    weight = measures.weights(broken, rate)
    assert weight.sum() == pytest.approx(1)
    if rate is not None and broken.any() and not broken.all():
        assert weight[broken].sum() == pytest.approx(rate)


@given(SCORED, st.integers(1, 12))
def test_every_comment_is_in_one_bin_and_bins_rise(some: list[tuple[float, bool]], count: int) -> None:
    scores, broken = arrays(some)
    found = measures.bins(scores, broken, measures.weights(broken, None), count)
    assert sum(one.n for one in found) == len(some)
    assert len(found) <= count
    assert all(first.said <= second.said + 1e-9 for first, second in pairwise(found))
    assert all(-1e-9 <= one.true <= 1 + 1e-9 for one in found)


def test_scores_that_are_certain_and_right_have_no_calibration_error() -> None:
    scores, broken = np.array([0.0, 0.0, 1.0]), np.array([False, False, True])
    assert measures.calibration_error(scores, broken, measures.weights(broken, None)) == 0.0
    assert measures.calibration_error(1 - scores, broken, measures.weights(broken, None)) == 1.0


@given(SCORED, st.booleans())
def test_coverage_grows_to_everything_where_the_risk_is_that_of_all(
    some: list[tuple[float, bool]], approve: bool
) -> None:
    scores, broken = arrays(some)
    found = measures.risks(scores, broken, measures.weights(broken, None), approve=approve)
    coverage = [one.coverage for one in found]
    assert coverage == sorted(coverage)
    assert coverage[-1] == pytest.approx(1)
    assert found[-1].risk == pytest.approx(broken.mean() if approve else 1 - broken.mean())
    assert len({one.threshold for one in found}) == len(found)


@given(st.frozensets(st.integers(0, 30)), st.frozensets(st.integers(0, 30)))
def test_overlap_is_one_for_the_same_words_and_the_same_from_both_sides(
    cited: frozenset[int], marked: frozenset[int]
) -> None:
    found = measures.overlap(cited, marked)
    assert 0 <= found <= 1
    assert found == measures.overlap(marked, cited)
    assert (found == 1) == (cited == marked)
