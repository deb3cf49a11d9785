"""The area under the ROC curve with an interval that stays honest on few cases. Numbers in, numbers out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SURE = 1.959964
"""Standard deviations on both sides that hold 95 of 100."""


class Area(NamedTuple):
    """The area under the ROC curve with its 95 % interval, of `bad` cases against `good` ones."""

    area: float
    low: float
    high: float
    bad: int
    good: int


def area(scores: Sequence[float] | NDArray[np.float64], broken: Sequence[bool] | NDArray[np.bool_]) -> Area:
    """Return the chance that a broken comment scores above a fair one, ties counting half, with its interval.

    The interval is method 5 of Newcombe, "Confidence intervals for an effect size measure based on the Mann-Whitney
    statistic", Statistics in Medicine 2006: it stays honest where few cases are told apart without one error. Without
    a case on either side everything is not a number.
    """
    bad = np.asarray(broken, dtype=bool)
    m, n = int(bad.sum()), int((~bad).sum())
    if not m or not n:
        return Area(math.nan, math.nan, math.nan, m, n)
    found = float((_ranks(np.asarray(scores, dtype=float))[bad].sum() - m * (m + 1) / 2) / (m * n))
    return Area(found, _bound(found, m, n, 0.0), _bound(found, m, n, 1.0), m, n)


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 1; equal scores share the middle of theirs."""
    _, which, counts = np.unique(scores, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[which], dtype=np.float64)


def _bound(found: float, m: int, n: int, end: float) -> float:
    """Return the area between `found` and an end (0 or 1) from which `found` is as far as chance takes it."""
    inside, outside = found, end
    for _ in range(50):
        middle = (inside + outside) / 2
        larger = (m + n) / 2 - 1
        spread = middle * (1 - middle) * (1 + larger * ((1 - middle) / (2 - middle) + middle / (1 + middle))) / (m * n)
        if abs(found - middle) <= _SURE * math.sqrt(spread):
            inside = middle
        else:
            outside = middle
    return inside
