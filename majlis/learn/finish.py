"""What follows training, on the encoder's states: the heads are learned once more, calibrated, and measured on comments
that nothing learned from; and what is on topic is learned, and which letters keyboards lack."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from majlis.domain.decision import ANY
from majlis.learn import calibrate, closed, heads, measures, ngrams, relevance, spelling
from majlis.learn.rows import Row, polite
from majlis.signals import encoder
from majlis.signals.classifier import CALIBRATION, HEADS, joined
from majlis.signals.encoder import NETWORK
from majlis.signals.relevance import FILE
from majlis.signals.spelling import FILE as KNOWN


def finish(out: Path, ours: Sequence[Row], judged: Sequence[Row], seed: int) -> dict[str, object]:
    """Learn from the corpus what states and n-grams say, calibrate on `dev`, measure on `test`, return the report.

    Args:
        out: the folder with the network and its vocabulary; the other files of the weights are written beside.
        ours: the corpus. Rows without a story say nothing about what is on topic.
        judged: rows of public sets that were judged anew; n-grams are learned from them too.
        seed: order of the rows.
    """
    made, known = encoder.load(out), spelling.learn([row for row in ours if row.split == "train"])
    (out / KNOWN).write_text(spelling.written(known), encoding="utf-8")
    seen = [made.typed(row.text, known.of(row.text, row.language)) for row in ours]
    states = np.stack([one.mean for one in seen]).astype(np.float64)
    alone = np.stack([one.clauses.max(axis=0) for one in seen])
    centre, refit = heads.refit(alone.astype(np.float64), states, ours)
    moved = states - centre[closed.places([row.language for row in ours])]
    both = (alone + moved @ refit.T).astype(np.float32)
    held, tested = ([place for place, row in enumerate(ours) if row.split == split] for split in ("dev", "test"))
    scores = ngrams.learn([*(row for row in ours if row.split == "train"), *judged, *polite()], seed)
    spelled = ngrams.rounded(scores, [ours[place] for place in held], both[held])
    both += np.stack([spelled.logits(one.text) for one in seen])
    alone, both = joined(alone), joined(both)
    fitted = [calibrate.fit(raw[held], [ours[place] for place in held]) for raw in (alone, both)]
    slope, offset = (np.stack(parts) for parts in zip(*fitted, strict=True))
    learned: dict[str, NDArray[np.generic]] = {"slope": slope, "offset": offset}
    learned |= {"centre": centre.astype(np.float16), "refit": refit.astype(np.float16)}
    learned |= {"ngrams": spelled.table, "step": spelled.step}
    content = b"".join((out / name).read_bytes() for name in (NETWORK, KNOWN))
    content += b"".join(one.tobytes() for one in learned.values())
    version = f"encoder-{hashlib.sha256(content).hexdigest()[:12]}"
    np.savez(out / CALIBRATION, allow_pickle=False, version=np.array(version), heads=np.array(HEADS), **learned)
    told = [place for place, row in enumerate(ours) if row.title]
    near = relevance.learn(made, [ours[place] for place in told], states[told])
    halved = {name: value.astype(np.float16) for name, value in near.items()}
    np.savez(out / FILE, allow_pickle=False, version=np.array(version), **halved)
    return {
        "version": version,
        "learned": sum(row.split == "train" for row in ours),
        "calibrated": len(held),
        "test": measure(both[tested], [ours[place] for place in tested]),
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
