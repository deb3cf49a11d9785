"""Learns what `majlis.signals.relevance` reads: which comments have to do with their story, on one encoder's states.

Everything is solved in closed form or by a convex fit, so the same rows and encoder give the same file. It opens no
file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from majlis.learn.closed import centres, places, ridge
from majlis.learn.rows import Row
from majlis.signals.encoder import Encoder
from majlis.signals.relevance import CLAUSE, about, features, stems
from majlis.signals.text import read

SHARED = 64
"""Directions in which comments and stories are compared."""

NATURAL = 0.02
"""How often a comment under the news has nothing to do with it."""

_SHRINK, _PULL, _DECAY = 1.0, 0.3, 1e-5

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Comments beside stories: states (n, hidden), stems and words of both, language and what is known of each."""

    comments: Array
    stories: Array
    shared: NDArray[np.int64]
    words: NDArray[np.int64]
    language: NDArray[np.int64]
    off: NDArray[np.bool_]
    other: NDArray[np.bool_]


def learn(encoder: Encoder, rows: Sequence[Row], states: Array) -> dict[str, NDArray[np.float32]]:
    """Return the arrays of the file, but for its version.

    The directions are those of a regularised canonical correlation of comments and their own stories (Hotelling 1936),
    each language centred by itself so that no language is like another; `head` is a ridge regression of the comments
    that readers called off topic. Both learn from `train`. The weights of the features are fitted on `dev`, where half
    of what is off topic are such comments, and half are comments under another story of their language.

    Args:
        encoder: reads the stories.
        rows: comments with their stories.
        states: the comments' mean states (rows, hidden).
    """
    learned = _pairs(encoder, rows, states, "train")
    held = _pairs(encoder, rows, states, "dev")
    middle = [centres(one, learned.language) for one in (learned.comments, learned.stories)]
    moved = [_moved(learned, middle, which) for which in (0, 1)]
    spread = [one.std(axis=0) for one in moved]
    own = ~learned.off & ~learned.other
    directions = _correlated(moved[0][own] / spread[0], moved[1][own] / spread[1])
    sides = [one / each[:, None] for one, each in zip(directions, spread, strict=True)]
    true = ~learned.other
    head = ridge(moved[0][true] / spread[0], learned.off[true], _PULL) / spread[0]
    weights, bias = _fitted(_features(held, middle, sides, head), held)
    arrays = {
        "comment_centre": middle[0],
        "story_centre": middle[1],
        "comment_directions": sides[0],
        "story_directions": sides[1],
        "head": head,
        "weights": weights,
        "bias": np.array(bias),
    }
    return {name: np.asarray(value, dtype=np.float32) for name, value in arrays.items()}


def _pairs(encoder: Encoder, rows: Sequence[Row], states: Array, split: str) -> _Pairs:
    """Return each comment under its story, and each that belongs there also under the next story of its language."""
    chosen = [number for number, row in enumerate(rows) if row.split == split]
    stories: defaultdict[str, dict[str, Array]] = defaultdict(dict)
    for number in chosen:
        story = about(rows[number].title, rows[number].summary)
        if story not in stories[rows[number].language]:
            stories[rows[number].language][story] = _state(encoder, story)
    found: list[tuple[Array, Array, int, int, str, bool, bool]] = []
    for number in chosen:
        row, text = rows[number], read(rows[number].text)
        own, known = about(row.title, row.summary), list(stories[row.language])
        following = known[(known.index(own) + 1) % len(known)]
        off = CLAUSE in row.clauses
        for story in (own,) if off or following == own else (own, following):
            said = f"{story} {row.parent}" if story == own else story
            shared = len(stems(read(said)) & stems(text))
            place = stories[row.language][story]
            found.append((states[number], place, shared, len(text.words), row.language, off, story != own))
    comments, placed, shared_, words, language, off_, other = zip(*found, strict=True)
    return _Pairs(
        np.array(comments),
        np.array(placed),
        np.array(shared_),
        np.array(words),
        places(language),
        np.array(off_),
        np.array(other),
    )


def _state(encoder: Encoder, text: str) -> Array:
    return encoder.typed(text).mean.astype(np.float64)


def _moved(pairs: _Pairs, middle: Sequence[Array], which: int) -> Array:
    return (pairs.comments, pairs.stories)[which] - middle[which][pairs.language]


def _correlated(comments: Array, stories: Array) -> tuple[Array, Array]:
    """Return the directions (hidden, SHARED) of both sides, each weighed by how strongly the sides agree in it."""
    count, hidden = comments.shape
    left = _whitening(comments.T @ comments / count + _SHRINK * np.eye(hidden))
    right = _whitening(stories.T @ stories / count + _SHRINK * np.eye(hidden))
    first, strength, second = np.linalg.svd(left @ (comments.T @ stories / count) @ right)
    kept = np.sqrt(strength[:SHARED])
    return left @ first[:, :SHARED] * kept, right @ second[:SHARED].T * kept


def _whitening(square: Array) -> Array:
    values, vectors = np.linalg.eigh(square)
    return np.asarray(vectors / np.sqrt(values) @ vectors.T)


def _features(pairs: _Pairs, middle: Sequence[Array], sides: Sequence[Array], head: Array) -> Array:
    places = []
    for which in (0, 1):
        place = _moved(pairs, middle, which) @ sides[which]
        places.append(place / np.linalg.norm(place, axis=1, keepdims=True))
    likeness = (places[0] * places[1]).sum(axis=1)
    kind = _moved(pairs, middle, 0) @ head
    columns = zip(likeness, pairs.shared, pairs.words, kind, strict=True)
    return np.stack([features(*one) for one in columns]).astype(np.float64)


def _fitted(seen: Array, pairs: _Pairs) -> tuple[Array, float]:
    """Return the weights and the bias of a logistic regression at the natural rate."""
    off, other = pairs.off, pairs.other
    fair = ~off & ~other
    weigh = np.zeros(len(seen))
    for group, share in ((off, NATURAL / 2), (other, NATURAL / 2), (fair, 1 - NATURAL)):
        weigh[group] = share / max(1, group.sum())
    middle, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-9
    columns = np.column_stack([(seen - middle) / spread, np.ones(len(seen))])
    broken = off | other

    def loss(values: Array) -> float:
        raised = columns @ values
        entropy = np.where(broken, np.logaddexp(0, -raised), np.logaddexp(0, raised))
        return float((weigh * entropy).sum() + _DECAY * (values[:-1] ** 2).sum())

    best = minimize(loss, np.zeros(columns.shape[1]), method="L-BFGS-B").x
    weights = best[:-1] / spread
    return weights, float(best[-1] - weights @ middle)
