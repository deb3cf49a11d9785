"""Cuts a text into the pieces that the encoder knows, and says where each stands.

Source: Kudo and Richardson, "SentencePiece", 2018 (arXiv:1808.06226). It holds no weights and judges nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

START, PAD, END = 0, 1, 2
_PREFIX = "query:"
"""What the encoder was taught to expect before a text (arXiv:2402.05672)."""


class Cut(NamedTuple):
    """Ids without the frame, and for each the first and last + 1 letter of the text that it stands for."""

    ids: list[int]
    spans: list[tuple[int, int]]


class Pieces:
    """A vocabulary, read once. Safe to share between threads."""

    def __init__(self, model: bytes) -> None:
        import sentencepiece  # only who judges needs it

        self._model = sentencepiece.SentencePieceProcessor(model_proto=model)
        self.head = [START, *self._model.encode(_PREFIX)]
        """Stands before every text; `END` stands after it."""

    def framed(self, ids: Sequence[int]) -> list[int]:
        """Return ids as the encoder reads them."""
        return [*self.head, *ids, END]

    def cut(self, text: str) -> Cut:
        """Return the pieces of a text of any length. Lone surrogates are read as unknown letters."""
        readable = text.encode("utf-8", "replace").decode("utf-8")
        found = self._model.encode(readable, return_type="offset_mapping")
        # A letter that stands for several words has pieces of no width of its own.
        spans = [(min(start, len(readable) - 1), max(end, start + 1)) for start, end in found["offsets"]]
        return Cut(found["ids"], spans)


def load(path: Path) -> Pieces:
    """Read the vocabulary; OSError or RuntimeError where the file is missing or damaged."""
    return Pieces(path.read_bytes())
