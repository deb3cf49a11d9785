"""Fits linear models with many heads on sparse rows: soft labels, unknown labels masked, one weight a row.

Nothing here knows what the heads mean or where the rows come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse


@dataclass(frozen=True, slots=True)
class Linear:
    """`weights` has one row a feature and one column a head; `bias` one value a head."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, rows: sparse.csr_matrix) -> NDArray[np.float32]:
        """Return the raw outcome for each row and head."""
        return np.asarray(rows @ self.weights, dtype=np.float32) + self.bias


def fit(
    rows: sparse.csr_matrix,
    labels: NDArray[np.float32],
    weights: NDArray[np.float32],
    *,
    seed: int,
    epochs: int = 4,
    rate: float = 0.5,
    decay: float = 1e-7,
    batch: int = 256,
    exclusive: bool = False,
) -> Linear:
    """Fit by Adagrad on the log loss.

    Args:
        rows: (n, features), float32.
        labels: (n, heads) of probabilities; NaN where the label is unknown.
        weights: (n, heads) importance of each label.
        seed: order of the rows.
        epochs: how often every row is seen.
        rate: step size.
        decay: pull of the seen features towards zero, per step.
        batch: rows a step.
        exclusive: one head is right and the others wrong (softmax), instead of each head on its own.
    """
    rng = np.random.default_rng(seed)
    count, heads = labels.shape
    theta = np.zeros((rows.shape[1], heads), dtype=np.float32)
    squares = np.full((rows.shape[1], heads), 1e-6, dtype=np.float32)
    bias = np.zeros(heads, dtype=np.float32)
    bias_squares = np.full(heads, 1e-6, dtype=np.float32)
    known = ~np.isnan(labels)
    target = np.where(known, labels, 0).astype(np.float32)
    importance = np.where(known, weights, 0).astype(np.float32)
    for _ in range(epochs):
        order = rng.permutation(count)
        for first in range(0, count, batch):
            picked = order[first : first + batch]
            part = rows[picked]
            seen, local = np.unique(part.indices, return_inverse=True)
            small = sparse.csr_matrix((part.data, local, part.indptr), shape=(part.shape[0], len(seen)))
            mine = theta[seen]
            error = _probability(small @ mine + bias, exclusive) - target[picked]
            error = (error * importance[picked] / len(picked)).astype(np.float32)
            slope = np.asarray(small.T @ error, dtype=np.float32) + decay * mine
            grown = squares[seen] + slope * slope
            squares[seen] = grown
            theta[seen] = mine - rate * slope / np.sqrt(grown)
            slope_bias = error.sum(axis=0)
            bias_squares += slope_bias * slope_bias
            bias -= 0.1 * rate * slope_bias / np.sqrt(bias_squares)
    return Linear(theta, bias)


def _probability(logits: NDArray[np.float32], exclusive: bool) -> NDArray[np.float32]:
    if not exclusive:
        return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), dtype=np.float32)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)
