"""Find rows that say nearly the same in other words: nearest neighbours on the untouched encoder, for a person to read.

    python3 corpus/alike.py --base WHEELS [--least 0.6]         (needs majlis[train]; minutes on two cores)

near.py finds what is alike by letters; this finds what is alike by meaning, within a language and between two, where it
would be a translation. A likeness is the cosine of two mean states after the mean of their language is taken away. It
must not decide: rows on one story may well agree.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rules import LANGUAGES

from majlis.learn import pretrained, tune
from majlis.learn import rows as sets
from majlis.learn.rows import Row
from majlis.signals.classifier import HEADS
from majlis.signals.pieces import Pieces

CORPUS = Path(__file__).resolve().parent
SHORT = 4
"""Comments of fewer words say the same as many others, and may."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--base", type=Path, required=True, help="folder with the encoder's wheels")
    parser.add_argument("--least", type=float, default=0.6, help="the likeness from which a pair is shown")
    options = parser.parse_args()
    rows = [row for row in sets.corpus(CORPUS) if len(row.text.split()) >= SHORT]
    base = pretrained.load(options.base, [row.text for row in rows])
    network = tune.start(base, len(HEADS), pretrained.LAYERS)
    states = tune.means(network, Pieces(base.vocabulary), rows, HEADS).numpy()
    found = list(alike(rows, centred(rows, states), options.least))
    between = sum(one.language != other.language for one, other, _ in found)
    print(f"{len(rows)} rows, {len(found)} pairs from {options.least} on, {between} of them between two languages")
    for one, other, likeness in sorted(found, key=lambda pair: -pair[2]):
        print(f"{likeness:.3f} {one.batch} {one.text!r}\n      {other.batch} {other.text!r}")


def centred(rows: Sequence[Row], states: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the states (rows, hidden) without their language's mean, at length one."""
    out = states.copy()
    for language in LANGUAGES:
        own = np.array([row.language == language for row in rows])
        out[own] -= states[own].mean(axis=0)
    return out / np.linalg.norm(out, axis=1, keepdims=True)


def alike(rows: Sequence[Row], states: NDArray[np.float32], least: float) -> Iterator[tuple[Row, Row, float]]:
    """Yield every two rows that are as alike as that, except the two of a minimal pair."""
    for first in range(0, len(rows), 1000):
        likeness = states[first : first + 1000] @ states.T
        for place, other in zip(*np.nonzero(likeness >= least), strict=True):
            one = first + int(place)
            same_pair = rows[one].pair and rows[one].pair == rows[other].pair
            if one < other and not same_pair:
                yield rows[one], rows[int(other)], float(likeness[place, other])


if __name__ == "__main__":
    main()
