"""Trains the first classifier from the public sets and our own corpus, and says how good it is on held-out batches.

`train` is the whole way: rows, features, fit, calibration, file, report. The same arguments give the same file.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from majlis.learn import rows as sets
from majlis.learn.linear import Linear, fit
from majlis.learn.rows import Row
from majlis.signals import letters
from majlis.signals.classifier import ANY, HEADS
from majlis.signals.features import BITS, extract, forms
from majlis.signals.text import read

NATURAL = dict.fromkeys(HEADS, 0.02) | {ANY: 0.12, "personal-attack": 0.05, "profanity": 0.03}
"""How often a comment under the news breaks a clause: the base rate that probabilities are calibrated at."""

_KEYBOARD = str.maketrans({"ە": "ه", "ێ": "ي", "ی": "ي", "ۆ": "و", "ڕ": "ر", "ڵ": "ل", "ک": "ك"})
_LANGUAGES = {"tr", "kmr", "ckb"}


def train(data: Path, corpus: Path | None, out: Path, seed: int = 7) -> dict[str, object]:
    """Train, write the weights to `out` and return the report.

    Nothing is learned from held-out batches: those of `held_out` calibrate, and those of our corpus' test split are
    only measured.

    Args:
        data: the folder with the public sets.
        corpus: the folder with our own rows, or None.
        out: the file to write (npz).
        seed: order of the rows and choice of the augmentations.
    """
    found = sets.public(data, seed) + (sets.corpus(corpus) if corpus else [])
    tested = [row for row in found if row.split == "test"]
    held = held_out(found)
    learned = [row for row in found if row.batch not in held and row.split != "test"]
    dev = [row for row in found if row.batch in held and row.split != "test"]
    views = _augmented(learned, seed)
    labels, weights = _labels(views)
    model = fit(matrix([row.text for row in views]), labels, weights, seed=seed, epochs=4, rate=0.25, decay=4e-6)
    raw = model.logits(matrix([row.text for row in dev]))
    slope, offset = _calibrate(raw, dev)
    version = _version(found, seed)
    _write(out, model, slope, offset, version)
    return {
        "version": version,
        "learned": len(learned),
        "calibrated": len(dev),
        "corpus": sum(row.source == "corpus" for row in found),
        "dev": _measure(raw, dev),
        "test": _measure(model.logits(matrix([row.text for row in tested])), tested) if tested else {},
    }


def held_out(found: Sequence[Row]) -> frozenset[str]:
    """Return the names of the batches that only calibrate: our corpus' own `dev`, one in eight of the others."""
    ours = {row.batch for row in found if row.split}
    names = sorted({row.batch for row in found} - ours)
    by_source: dict[str, list[str]] = {}
    for name in names:
        by_source.setdefault(name.rsplit("-", 1)[0], []).append(name)
    dev = {row.batch for row in found if row.split == "dev"}
    return frozenset(dev | {name for group in by_source.values() for name in group[4::8]})


def matrix(texts: Sequence[str]) -> sparse.csr_matrix:
    """Return the features of texts, scaled as the classifier scales them."""
    data, indices, pointers = [], [], [0]
    for text in texts:
        rows = extract(forms(read(text).tokens)).rows
        unique, counts = np.unique(rows, return_counts=True)
        data.append((counts / max(1.0, len(rows)) ** 0.5).astype(np.float32))
        indices.append(unique.astype(np.int32))
        pointers.append(pointers[-1] + len(unique))
    return sparse.csr_matrix(
        (np.concatenate(data), np.concatenate(indices), np.array(pointers)), shape=(len(texts), 1 << BITS)
    )


def _augmented(learned: Sequence[Row], seed: int) -> list[Row]:
    """Add rows as they are typed without the language's own letters."""
    rng = random.Random(seed)
    views = list(learned)
    for row in learned:
        share = 1.0 if row.source == "corpus" else 0.3
        if row.language in _LANGUAGES and rng.random() < share:
            text = row.text.translate(_KEYBOARD) if row.language == "ckb" else letters.deep(row.text.lower())
            views.append(Row(**{name: getattr(row, name) for name in row.__struct_fields__} | {"text": text}))
    return views


def _labels(views: Sequence[Row]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    labels = np.full((len(views), len(HEADS)), np.nan, dtype=np.float32)
    weights = np.ones((len(views), len(HEADS)), dtype=np.float32)
    for number, row in enumerate(views):
        for head, value in row.labels.items():
            labels[number, HEADS.index(head)] = value
        weights[number] = row.weight
    return labels, weights


def _calibrate(raw: NDArray[np.float32], tested: Sequence[Row]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit slope and offset of each head (Platt) on held-out rows, weighted to the natural base rate."""
    labels, weights = _labels(tested)
    slope, offset = np.ones(len(HEADS), np.float32), np.zeros(len(HEADS), np.float32)
    for head, name in enumerate(HEADS):
        known = ~np.isnan(labels[:, head])
        x, y, w = raw[known, head].astype(float), labels[known, head].astype(float), weights[known, head].astype(float)
        positive, negative = float((w * y).sum()), float((w * (1 - y)).sum())
        rate = NATURAL[name]
        good, bad = rate / max(positive, 1e-9), (1 - rate) / max(negative, 1e-9)

        def loss(p: NDArray[np.float64], x=x, y=y, w=w, good=good, bad=bad) -> float:  # type: ignore[no-untyped-def]
            z = p[0] * x + p[1]
            return float(
                (w * (y * good * np.logaddexp(0, -z) + (1 - y) * bad * np.logaddexp(0, z))).sum()
                + 1e-4 * (p[0] - 1) ** 2
            )

        best = minimize(loss, np.array([1.0, -1.0]), method="Nelder-Mead").x
        slope[head], offset[head] = max(0.05, best[0]), best[1]
    return slope, offset


def _measure(raw: NDArray[np.float32], tested: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return, per head and per language of our own held-out rows, how often a violation outranks a fair comment."""
    out: dict[str, dict[str, float]] = {}
    for head, name in enumerate(HEADS):
        groups: dict[str, tuple[list[float], list[float]]] = {}
        for row, value in zip(tested, raw[:, head].tolist(), strict=True):
            label = row.labels.get(name)
            if label is None or 0.3 < label < 0.6:
                continue
            for key in (row.source, f"{row.source}-{row.language}") if row.source == "corpus" else (row.source,):
                groups.setdefault(key, ([], []))[label > 0.5].append(value)
        out[name] = {
            key: round(_auc(negative, positive), 3)
            for key, (negative, positive) in sorted(groups.items())
            if len(positive) >= 3 and len(negative) >= 3
        }
    return out


def _auc(negative: list[float], positive: list[float]) -> float:
    order = np.argsort(np.argsort(np.array(negative + positive), kind="stable"))
    ranks = order[len(negative) :].sum() - len(positive) * (len(positive) - 1) / 2
    return float(ranks / (len(positive) * len(negative)))


def _write(out: Path, model: Linear, slope: NDArray[np.float32], offset: NDArray[np.float32], version: str) -> None:
    scale = np.maximum(np.quantile(np.abs(model.weights), 0.9999, axis=0), 1e-6) / 127
    np.savez_compressed(
        out,
        version=np.array(version),
        heads=np.array(HEADS),
        weights=np.clip(np.round(model.weights / scale), -127, 127).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=model.bias,
        slope=slope,
        offset=offset,
    )


def _version(found: Sequence[Row], seed: int) -> str:
    digest = hashlib.sha256(str(seed).encode())
    for row in found:
        digest.update(row.text.encode("utf-8", "replace"))
        digest.update(repr(sorted(row.labels.items())).encode())
    return f"linear-{digest.hexdigest()[:12]}"
