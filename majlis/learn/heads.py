"""Learns the scores of the clauses once more: on the mean states of the finished encoder, all rows at once.

The network's own heads saw the rows in batches while the encoder moved under them. What is learned here is added to
theirs; it opens no file and calibrates nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from majlis.learn.closed import centres, places, ridge
from majlis.learn.rows import Row
from majlis.signals.classifier import HEADS

_PULL = 0.3

Array = NDArray[np.float64]


def refit(logits: Array, states: Array, rows: Sequence[Row]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the centre of each language (languages + 1, hidden) and weights (heads, hidden).

    The product of a head's weights with a state less its language's centre is added to the network's logit.

    The weights are learned from `train`. On `dev` they are scaled to weigh as much as the network's own logits.

    Args:
        logits: of the network (rows, heads).
        states: the mean states (rows, hidden).
        rows: the comments, some of them of either split.
    """
    language = places([row.language for row in rows])
    split = np.array([row.split for row in rows])
    train, dev = split == "train", split == "dev"
    centre = centres(states[train], language[train])
    moved = states - centre[language]
    spread = moved[train].std(axis=0)
    weights = np.zeros((len(HEADS), states.shape[1]))
    for head, name in enumerate(HEADS):
        labels = np.array([row.labels.get(name, np.nan) for row in rows])
        known = train & ~np.isnan(labels)
        broken = labels[known] > 0.5
        if broken.any() and not broken.all():
            weights[head] = ridge(moved[known] / spread, broken, _PULL) / spread
            measured = dev & ~np.isnan(labels)
            weights[head] *= logits[measured, head].std() / (moved[measured] @ weights[head]).std()
    return centre.astype(np.float32), weights.astype(np.float32)
