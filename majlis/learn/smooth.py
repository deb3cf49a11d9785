"""Moves outliers of what comes into a product into its weights, so that 8 bits can hold both.

Before and behind the activation a few columns are twenty times as large as the others. Each column is divided by a
factor and the weights that it meets are multiplied by it, which changes nothing but how well both can be rounded.

Source: Xiao et al., "SmoothQuant", 2022 (arXiv:2211.10438). It measures nothing and rounds nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHARE = 0.8
"""How much of an outlier goes into the weights: at .6 rounding moves the score half as much again."""

Array = NDArray[np.float32]


def factors(highest: Array, weights: Array) -> Array:
    """Return the factor of each column (columns,), their geometric mean 1.

    Args:
        highest: the largest absolute value of each column (columns,).
        weights: of the product that they come into (outputs, columns).
    """
    raised = np.maximum(highest, 1e-3) ** SHARE
    raised = raised / np.maximum(np.abs(weights).max(axis=0), 1e-4) ** (1 - SHARE)
    return np.asarray(raised / np.exp(np.log(raised).mean()), dtype=np.float32)
