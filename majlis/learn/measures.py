"""The numbers that say how good a judge is. Arrays and counts in, numbers out; it reads no text and judges nothing."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from majlis.signals.area import Area, area

__all__ = ["Area", "Bin", "Risk", "Share", "area", "bins", "calibration_error", "overlap", "risks", "share", "weights"]

Array = NDArray[np.float64]


class Share(NamedTuple):
    """A share with what it was counted on; `low` and `high` hold the true one in 95 of 100 such counts.

    Without a single case all three shares are not a number.
    """

    share: float
    low: float
    high: float
    hits: int
    n: int


class Bin(NamedTuple):
    """Comments of like score: the mean of what was said, the share that came true, and how many they are."""

    said: float
    true: float
    n: int


class Risk(NamedTuple):
    """What happens beyond a threshold: the share of all comments decided there, and the share of those in error."""

    threshold: float
    coverage: float
    risk: float


def share(hits: int, n: int) -> Share:
    """Return a share with its exact interval (Clopper and Pearson, Biometrika 1934)."""
    if n == 0:
        return Share(math.nan, math.nan, math.nan, 0, 0)
    low = float(beta.ppf(0.025, hits, n - hits + 1)) if hits else 0.0
    high = float(beta.ppf(0.975, hits + 1, n - hits)) if hits < n else 1.0
    return Share(hits / n, low, high, hits, n)


def weights(broken: NDArray[np.bool_], rate: float | None) -> Array:
    """Return what each comment weighs so that the share `rate` of them is broken; all alike where it is None."""
    out = np.full(len(broken), 1 / max(1, len(broken)))
    if rate is not None and broken.any() and not broken.all():
        out[broken] = rate / broken.sum()
        out[~broken] = (1 - rate) / (~broken).sum()
    return out


def bins(scores: Array, broken: NDArray[np.bool_], weight: Array, count: int = 8) -> list[Bin]:
    """Return at most `count` bins of comments in the order of their scores, about as many in each.

    Comments with one score share a bin.
    """
    order = np.argsort(scores, kind="stable")
    edges = np.linspace(0, len(order), count + 1).astype(int)
    out, first = [], 0
    for edge in edges[1:]:
        last = edge
        while 0 < last < len(order) and scores[order[last]] == scores[order[last - 1]]:
            last += 1
        if last > first:
            part = order[first:last]
            of = weight[part] / weight[part].sum()
            out.append(Bin(float(scores[part] @ of), float(broken[part] @ of), len(part)))
            first = last
    return out


def calibration_error(scores: Array, broken: NDArray[np.bool_], weight: Array) -> float:
    """Return the mean distance between what was said and what came true (expected calibration error)."""
    if not len(scores):
        return math.nan
    order = np.argsort(scores, kind="stable")
    total, first = 0.0, 0
    for one in bins(scores, broken, weight):
        part = order[first : first + one.n]
        total += float(weight[part].sum()) * abs(one.said - one.true)
        first += one.n
    return total / float(weight.sum())


def risks(scores: Array, broken: NDArray[np.bool_], weight: Array, *, approve: bool) -> list[Risk]:
    """Return risk against coverage of a lane: for each score, of all comments up to it (or from it on, to reject)."""
    order = np.argsort(scores if approve else -scores, kind="stable")
    wrong = broken if approve else ~broken
    covered = np.cumsum(weight[order])
    erred = np.cumsum((weight * wrong)[order])
    ends = [at for at in range(len(order)) if at + 1 == len(order) or scores[order[at]] != scores[order[at + 1]]]
    total = float(weight.sum())
    return [
        Risk(float(scores[order[at]]), float(covered[at]) / total, float(erred[at] / covered[at]) if covered[at] else 0)
        for at in ends
    ]


def overlap(cited: Collection[int], marked: Collection[int]) -> float:
    """Return F1 of two sets of places: 1.0 where both are the same, and where both are empty."""
    if not cited and not marked:
        return 1.0
    return 2 * len(set(cited) & set(marked)) / (len(set(cited)) + len(set(marked)))
