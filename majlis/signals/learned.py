"""Clauses of the newsroom's own, each learned from some of its examples on the encoder's mean states.

It can say that a comment is like those that the newsroom does not accept, and never which words: by itself such a
clause sends comments to a person and rejects none. A clause that is not learned well enough covers nothing, so that a
person decides as if there were no examples. It opens no file and decides nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from majlis.domain.decision import Observation
from majlis.domain.guidelines import Examples
from majlis.signals.area import Area, area
from majlis.signals.encoder import Encoded, Encoder

NAME = "learned"

LEAST = 0.75
"""The area under the curve that the examples have to prove, at the lower end of its interval."""

_PULL = 0.5
"""How strongly the weights are held back, in parts of the mean square of a state."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Learned:
    """One clause. `weights` (hidden,) and `bias` score a state; `slope` and `offset` make the score a probability.

    `quality` is the area under the curve of examples that were scored by what the others taught.
    """

    clause: str
    version: str
    weights: Array
    bias: float
    slope: float
    offset: float
    quality: Area

    @property
    def good(self) -> bool:
        """Whether the examples prove enough for the clause to be answered for."""
        return self.quality.low >= LEAST


def learn(encoder: Encoder, version: str, examples: Examples) -> Learned:
    """Return the clause as these examples teach it; the same examples and encoder give the same clause.

    Ridge regression, whose leave-one-out scores are exact without learning anew (Allen's PRESS, 1974); on them the
    area is measured and the probability fitted (Platt 1999, with his smoothed targets). The probability holds where
    comments break the clause as often as among the examples: under the news fewer do, and it errs to caution.

    Args:
        encoder: gives the states.
        version: of the encoder; part of the clause's own.
        examples: at least two on either side.
    """
    texts = [*examples.broken, *examples.fine]
    broken = np.arange(len(texts)) < len(examples.broken)
    states = np.stack([_unit(encoder.typed(text).mean) for text in texts])
    centre = states.mean(axis=0)
    moved = states - centre
    likeness = moved @ moved.T
    pull = _PULL * float(np.trace(likeness)) / len(texts)
    target = np.where(broken, 1.0, -1.0)
    level = target.mean()
    held = np.linalg.inv(likeness + pull * np.eye(len(texts)))
    part = held @ (target - level)
    kept = 1 / len(texts) + np.einsum("ij,ji->i", likeness, held)
    left_out = target - (target - level - likeness @ part) / (1 - kept)
    weights = moved.T @ part
    slope, offset = _platt(left_out, broken)
    source = "\0".join((version, examples.clause, *examples.broken, "", *examples.fine))
    return Learned(
        clause=examples.clause,
        version=hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:12],
        weights=weights,
        bias=float(level - weights @ centre),
        slope=slope,
        offset=offset,
        quality=area(left_out, broken),
    )


def observe(clauses: Sequence[Learned], encoded: Encoded) -> Observation:
    """Return the probability under each clause. One not learned well enough has none."""
    state = _unit(encoded.mean)
    good = [one for one in clauses if one.good]
    raised = {one.clause: one.slope * (float(one.weights @ state) + one.bias) + one.offset for one in good}
    return Observation(
        signal=NAME,
        version="+".join(one.version for one in clauses),
        scores={clause: round(float(1 / (1 + np.exp(-np.clip(one, -30, 30)))), 4) for clause, one in raised.items()},
        covers=tuple(raised) if encoded.whole and encoded.spans else (),
        facts={one.clause: round(one.quality.area, 3) for one in clauses},
    )


def _unit(state: NDArray[np.float32]) -> Array:
    wide = state.astype(np.float64)
    return np.asarray(wide / (np.linalg.norm(wide) or 1.0), dtype=np.float64)


def _platt(scores: Array, broken: NDArray[np.bool_]) -> tuple[float, float]:
    """Return slope (never below 0) and offset of the logistic curve nearest to the labels, by Newton's method."""
    many, few = broken.sum(), (~broken).sum()
    target = np.where(broken, (many + 1) / (many + 2), 1 / (few + 2))
    columns = np.stack([scores, np.ones_like(scores)], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(columns @ found, -30, 30)))
        spread = columns * (chance * (1 - chance))[:, None]
        found = found - np.linalg.solve(spread.T @ columns + 1e-3 * np.eye(2), columns.T @ (chance - target))
    return max(0.0, float(found[0])), float(found[1])
