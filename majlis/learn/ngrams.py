"""Learns what hashed n-grams say of each clause, and how much of that is added to the encoder's scores.

It reads no file and knows no encoder but by its scores.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from majlis.learn.disguise import disguised
from majlis.learn.linear import fit
from majlis.learn.rows import Row
from majlis.signals import ngrams
from majlis.signals.classifier import HEADS
from majlis.signals.ngrams import Ngrams
from majlis.signals.text import read
from majlis.signals.view import view

SHARE = 0.4
"""How far the scores of the n-grams lie apart, in parts of how far the encoder's do. From .3 to .5 it is the same; with
more, English and Turkish are told less well, with less, Kurdish."""

_EPOCHS, _RATE, _DECAY = 6, 0.2, 1e-6

Array = NDArray[np.float32]


def learn(rows: Sequence[Row], seed: int) -> Array:
    """Return the score of each n-gram for each head (2 ** BITS, heads), learned from all rows as they are and once more
    typed in disguise.

    A rare n-gram weighs more than a frequent one (inverse document frequency).
    """
    rng = random.Random(seed)
    typed_anew = [msgspec.structs.replace(row, text=disguised(row.text, row.language, rng)) for row in rows]
    rows = [*rows, *typed_anew]
    seen = _seen(rows)
    often = np.asarray(seen.sum(axis=0)).ravel()
    rare = (np.log((len(rows) + 1) / (often + 1)) + 1).astype(np.float32)
    scaled = sparse.csr_matrix(0.25 * _averaged(seen) @ sparse.diags(rare), dtype=np.float32)
    labels = np.array([[row.labels.get(head, np.nan) for head in HEADS] for row in rows], dtype=np.float32)
    learned = fit(scaled, labels, np.ones_like(labels), seed=seed, epochs=_EPOCHS, rate=_RATE, decay=_DECAY)
    return np.asarray(learned.weights * rare[:, None], dtype=np.float32)


def rounded(scores: Array, rows: Sequence[Row], logits: Array) -> Ngrams:
    """Return the n-grams' scores in 8 bits, so large that they add `SHARE` of how far the given logits lie apart.

    Args:
        scores: what `learn` returned.
        rows: comments that nothing was learned from.
        logits: of the encoder, for these rows (rows, heads).
    """
    raw = _averaged(_seen(rows)) @ scores
    scores = scores * (SHARE * logits.std(axis=0) / np.maximum(raw.std(axis=0), 1e-6))
    step = np.maximum(np.abs(scores).max(axis=0), 1e-6) / 127
    return Ngrams(np.round(scores / step).astype(np.int8), step.astype(np.float32))


def typed(text: str) -> str:
    """Return a text, as somebody typed it, as n-grams are read from it."""
    return view(read(text)).text


def _averaged(seen: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return each row over the root of how many n-grams it has, as `Ngrams.logits` counts them."""
    count = np.maximum(np.asarray(seen.sum(axis=1)).ravel(), 1)
    return sparse.csr_matrix(sparse.diags(1 / np.sqrt(count)) @ seen)


def _seen(rows: Sequence[Row]) -> sparse.csr_matrix:
    found = [ngrams.rows(typed(row.text)) for row in rows]
    ends = np.cumsum([0, *map(len, found)])
    return sparse.csr_matrix(
        (np.ones(ends[-1], dtype=np.float32), np.concatenate(found), ends), shape=(len(rows), 2**ngrams.BITS)
    )
