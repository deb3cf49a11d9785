"""What is learned at once from the states of the finished encoder: means of languages, and ridge regressions.

The same rows and states give the same numbers. Nothing here knows a clause or a file.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from majlis.domain.site import LANGUAGES

Array = NDArray[np.float64]


def places(languages: Sequence[str]) -> NDArray[np.int64]:
    """Return the place of each language among ours."""
    return np.array([LANGUAGES.index(language) for language in languages], dtype=np.int64)


def centres(states: Array, language: NDArray[np.int64]) -> Array:
    """Return the mean state of each language (languages + 1, hidden), last the mean of all languages' means."""
    whole = states.mean(axis=0)
    own = [states[language == one].mean(axis=0) if (language == one).any() else whole for one in range(len(LANGUAGES))]
    return np.stack([*own, np.mean(own, axis=0)])


def ridge(states: Array, broken: NDArray[np.bool_], pull: float) -> Array:
    """Return weights (hidden,) that tell the broken from the others, both counting alike.

    Args:
        states: (rows, hidden), of about the same spread in each column.
        broken: (rows,), some of them true and some not.
        pull: how strongly the weights are held back, in parts of a column's variance.
    """
    weigh = np.where(broken, 0.5 / max(1, broken.sum()), 0.5 / max(1, (~broken).sum()))[:, None]
    centred = states - (weigh * states).sum(axis=0)
    square = (centred * weigh).T @ centred + pull * np.eye(states.shape[1])
    return np.asarray(np.linalg.solve(square, (centred * weigh).T @ np.where(broken, 1.0, -1.0)))
