"""What follows training: the shipped encoder is calibrated and measured on comments that it did not learn from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from majlis.learn import calibrate, measures
from majlis.learn.rows import Row
from majlis.signals import encoder
from majlis.signals.classifier import ANY, CALIBRATION, HEADS
from majlis.signals.encoder import NETWORK


def finish(out: Path, ours: Sequence[Row]) -> dict[str, object]:
    """Calibrate the weights in a folder on the corpus' `dev` batches, measure its `test` batches, return the report."""
    made = encoder.load(out)
    held = [row for row in ours if row.split == "dev"]
    tested = [row for row in ours if row.split == "test"]
    slope, offset = calibrate.fit(calibrate.logits(made, held), held)
    version = f"encoder-{hashlib.sha256((out / NETWORK).read_bytes()).hexdigest()[:12]}"
    np.savez(out / CALIBRATION, version=version, heads=np.array(HEADS), slope=slope, offset=offset)
    return {
        "version": version,
        "learned": sum(row.split == "train" for row in ours),
        "calibrated": len(held),
        "test": measure(calibrate.logits(made, tested), tested),
    }


def measure(raw: NDArray[np.float32], rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return the area under the curve: of each head over all languages, and of `*` by language and all."""
    out: dict[str, dict[str, float]] = {"clauses": {}, "languages": {}}
    for head, name in enumerate(HEADS):
        found = _area(raw[:, head], [row.labels.get(name) for row in rows])
        out["clauses"][name] = found
    for language in sorted({row.language for row in rows}):
        asked = [row.labels.get(ANY) if row.language == language else None for row in rows]
        out["languages"][language] = _area(raw[:, 0], asked)
    return out


def _area(scores: NDArray[np.float32], labels: Sequence[float | None]) -> float:
    known = [(float(score), label > 0.5) for score, label in zip(scores, labels, strict=True) if label is not None]
    return round(measures.area([score for score, _ in known], [broken for _, broken in known]).area, 3)
