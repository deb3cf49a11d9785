"""Turns the classifier's logits into probabilities at a natural base rate, by clause and language, on held-out rows.

It learns a slope for each head and an offset for each head and language; nothing else changes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from majlis.domain.decision import ANY, NATURAL_RATE
from majlis.domain.site import LANGUAGES
from majlis.learn.rows import Row
from majlis.signals.classifier import HEADS

NATURAL = dict.fromkeys(HEADS, 0.02) | {ANY: NATURAL_RATE, "personal-attack": 0.05, "profanity": 0.03}
"""How often a comment under the news breaks a clause: the base rate that probabilities are calibrated at."""

_SHRINK = 8.0
"""How strongly a language's own offset is drawn to that of all languages; about as many comments as would move it."""

Array = NDArray[np.float32]


def fit(raw: Array, rows: Sequence[Row]) -> tuple[Array, Array]:
    """Return slope (heads,) and offset (languages + 1, heads); the last row is for languages that are not ours.

    Platt's method (1999) with each class weighted to the base rate; within a language the weights sum to one, so that
    each counts alike.
    """
    slope = np.ones(len(HEADS), np.float32)
    offset = np.zeros((len(LANGUAGES) + 1, len(HEADS)), np.float32)
    for head, name in enumerate(HEADS):
        known = [number for number, row in enumerate(rows) if name in row.labels]
        if not known:
            continue
        languages = np.array([LANGUAGES.index(rows[number].language) for number in known])
        labels = np.array([rows[number].labels[name] for number in known])
        slope[head], offset[:, head] = _platt(raw[known, head].astype(float), labels, languages, NATURAL[name])
    return slope, offset


def _platt(
    raw: NDArray[np.float64], labels: NDArray[np.float64], languages: NDArray[np.int64], rate: float
) -> tuple[float, NDArray[np.float64]]:
    present = sorted(set(languages.tolist()))
    weights = np.zeros(len(raw))
    for language in present:
        for broken, share in ((True, rate), (False, 1 - rate)):
            group = (languages == language) & ((labels > 0.5) == broken)
            weights[group] = share / max(1, group.sum())

    def loss(values: NDArray[np.float64]) -> float:
        scale, shared, own = values[0], values[1], values[2:]
        scored = scale * raw + shared + own[languages]
        entropy = labels * np.logaddexp(0, -scored) + (1 - labels) * np.logaddexp(0, scored)
        return float((weights * entropy).sum() + _SHRINK * rate / 100 * (own**2).sum() + 1e-3 * (scale - 1) ** 2)

    start = np.concatenate([[1.0, -2.0], np.zeros(len(LANGUAGES))])
    bounds = [(0.1, 5.0), (None, None), *[(-3.0, 3.0)] * len(LANGUAGES)]
    best = minimize(loss, start, method="L-BFGS-B", bounds=bounds).x
    return float(best[0]), np.concatenate([best[1] + best[2:], [best[1]]])
