"""The encoder at run time: a view of a text in, logits of the clauses and of each piece, and one vector for all out.

It knows no clause by name and no threshold. One thread, no state between texts; safe to share between threads.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from majlis import errors
from majlis.signals import pieces
from majlis.signals.pieces import Pieces
from majlis.signals.text import read
from majlis.signals.view import view

NETWORK, VOCABULARY = "encoder.onnx", "encoder.model"
OUTPUTS = ("clauses", "tokens", "mean")
"""What the network has to give: logits (comments, heads) and (comments, pieces, heads), states (comments, hidden)."""

WINDOW, STRIDE, WINDOWS = 160, 128, 5
"""Pieces that are read together, how far the next window lies, and how many a text may have that is read whole."""

ONCE, PART = 48, 24
"""Pieces up to which a text has no parts, and the most of a part: whole sentences, or what is cut of a longer one."""

_SENTENCE = re.compile(r"(?<=[.!?؟۔…\n])\s+")

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One text as the encoder read it: `text` is the view that it was given.

    `clauses` (windows, heads) and `tokens` (pieces, heads) are logits; `means` (windows, hidden) are mean states.
    `spans` has for each piece of `ids` the letters of the text that it stands for. `parts` are the first and last + 1
    piece of each part of a long text; a short one has none, and one that is not `whole`: it was too long to be read but
    at its beginning and its end.
    """

    text: str
    clauses: Array
    tokens: Array
    means: Array
    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    parts: tuple[tuple[int, int], ...]
    whole: bool

    @property
    def mean(self) -> Array:
        """Return the mean state of all windows (hidden,)."""
        return np.asarray(self.means.mean(axis=0))

    @property
    def told_apart(self) -> list[str]:
        """Return the text of each part."""
        return [self.text[self.spans[first][0] : self.spans[last - 1][1]] for first, last in self.parts]


class Encoder:
    """The network and its vocabulary.

    Raises:
        errors.WeightsInvalid: the network has another input than `ids`, or lacks one of `OUTPUTS`.
    """

    def __init__(self, network: Path, vocabulary: Pieces) -> None:
        import onnxruntime  # 20 MB that a process which does not judge need not hold

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False
        # The network is drawn as it is to run. What the runtime would join besides, its operator for a sum and its
        # normal form, takes three times as long as the two.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        self._session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
        if (asked := [one.name for one in self._session.get_inputs()]) != ["ids"]:
            raise errors.WeightsInvalid(
                f"{network.name} asks for {' and '.join(asked)} where ids are all that is given.",
                hint="Export the network anew.",
            )
        given = {one.name for one in self._session.get_outputs()}
        if missing := [name for name in OUTPUTS if name not in given]:
            raise errors.WeightsInvalid(
                f"{network.name} has no output named {' or '.join(missing)}.", hint="Export the network anew."
            )
        self._pieces = vocabulary

    def read(self, text: str) -> Encoded:
        """Return what the encoder makes of a text; an empty one has no pieces and one window."""
        cut = self._pieces.cut(text)
        ids, spans = cut.ids, cut.spans
        whole = len(ids) <= STRIDE * (WINDOWS - 1) + WINDOW
        firsts = range(0, max(1, len(ids) - (WINDOW - STRIDE)), STRIDE) if whole else (0, len(ids) - WINDOW)
        clauses, means = [], []
        tokens: Array | None = None
        for first in firsts:
            window = ids[first : first + WINDOW]
            scored, marked, mean = self._run(window)
            clauses.append(scored)
            means.append(mean)
            if tokens is None:
                tokens = np.full((len(ids), len(scored)), -30, dtype=np.float32)
            place = slice(first, first + len(window))
            tokens[place] = np.maximum(tokens[place], marked)
        assert tokens is not None
        parts = tuple(_parts(text, spans)) if whole and len(ids) > ONCE else ()
        return Encoded(text, np.stack(clauses), tokens, np.stack(means), tuple(ids), tuple(spans), parts, whole)

    def apart(self, read: Encoded) -> tuple[Array, Array]:
        """Return logits (parts, heads) and mean states (parts, hidden) of a text's parts, each read by itself."""
        found = [self._run(read.ids[first:last]) for first, last in read.parts]
        return np.stack([one[0] for one in found]), np.stack([one[2] for one in found])

    def typed(self, text: str, spelled: Callable[[str], str] | None = None) -> Encoded:
        """Return what the encoder makes of a text as somebody typed it: of its view."""
        return self.read(view(read(text), spelled).text)

    def _run(self, ids: Sequence[int]) -> tuple[Array, Array, Array]:
        row = np.array([self._pieces.framed(ids)], dtype=np.int64)
        found = self._session.run(list(OUTPUTS), {"ids": row})
        clauses, tokens, mean = (cast(Array, one)[0] for one in found)
        return clauses, tokens[len(self._pieces.head) : -1], mean


def _parts(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield (first, last + 1) of the pieces of each part, in order and without gaps."""
    begins = [start for start, _ in spans]
    ends = [bisect_left(begins, found.end()) for found in _SENTENCE.finditer(text)]
    first = seen = 0
    for end in (*(end for end in ends if 0 < end < len(spans)), len(spans)):
        if end - first > PART and seen > first:
            yield first, seen
            first = seen
        while end - first > PART:
            yield first, first + PART
            first += PART
        seen = end
    if first < seen:
        yield first, seen


def load(folder: Path) -> Encoder:
    """Read network and vocabulary from a folder.

    Raises:
        errors.WeightsInvalid: a file is missing or damaged.
    """
    for name in (VOCABULARY, NETWORK):
        if not (folder / name).is_file():
            raise errors.WeightsInvalid(f"{name} is missing.", hint="Install the package again or train anew.")
    try:
        return Encoder(folder / NETWORK, pieces.load(folder / VOCABULARY))
    except errors.WeightsInvalid:
        raise
    except Exception as error:
        raise errors.WeightsInvalid(
            f"The encoder cannot be read: {type(error).__name__}.", hint="Install the package again or train anew."
        ) from None
