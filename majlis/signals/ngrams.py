"""A comment's letters and words as evidence beside the encoder: hashed n-grams, each with a score for every clause.

The encoder knows meaning from the languages it was made of; how Kurdish is spelled and abuses it has hardly seen. What
is learned here it lacks, and of meaning it knows nothing: it is added to the encoder's scores, and never counts alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from majlis.signals import letters
from majlis.signals.features import extract, forms
from majlis.signals.text import read

BITS = 17
"""The table has 2 ** BITS rows; with more it learned no better."""

_SHORTEST, _LONGEST = 2, 4
_LINK = re.compile(r"(?:https?://|www\.)\S+")
"""What is not read: the letters of an address say nothing of what a comment does, and links have a signal."""


@dataclass(frozen=True, slots=True)
class Ngrams:
    """`table` (2 ** BITS, heads) holds the score of each n-gram in parts of `step` (heads,)."""

    table: NDArray[np.int8]
    step: NDArray[np.float32]

    def logits(self, text: str) -> NDArray[np.float32]:
        """Return what the n-grams of a text say of each head (heads,): their sum, over the root of how many they are.

        Args:
            text: a view, as the encoder reads it.
        """
        found = rows(text)
        whole = self.table[found].sum(axis=0, dtype=np.int32)
        return np.asarray(whole * self.step / np.sqrt(max(1, len(found))), dtype=np.float32)


def rows(text: str) -> NDArray[np.int64]:
    """Return the rows of the table that a text has, each once, in order: the same for all who lack some letters."""
    words = [letters.deep(form) for form in forms(read(_LINK.sub(" ", text)).tokens)]
    return np.unique(extract(words, bits=BITS, shortest=_SHORTEST, longest=_LONGEST).rows)
