"""Trains the small model that tells the six languages apart where the general one errs.

It sees what newsrooms see: letters left out, Sorani typed on an Arabic keyboard, two words and a full stop. It knows
nothing of other languages.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy import sparse

from majlis.learn import rows
from majlis.learn.linear import fit
from majlis.signals import letters
from majlis.signals.features import extract
from majlis.signals.language import BITS, CLASSES, GRAMS, pieces
from majlis.signals.spelling import ARABIC_KEYBOARD

_FILES = {
    "Arabic-arab": "ar",
    "CentralKurdish-arab": "ckb",
    "CentralKurdish-latn": "ckb",
    "NorthernKurdish-arab": "kmr",
    "NorthernKurdish-latn": "kmr",
    "Persian-arab": "fa",
    "SouthernKurdish-arab": "sdh",
    "Turkish-latn": "tr",
}
_KEYBOARD = ARABIC_KEYBOARD | str.maketrans({"ڤ": "ف", "گ": "ك", "چ": "ج", "پ": "ب", "ژ": "ز"})
_YEH_KAF = str.maketrans({"ی": "ي", "ک": "ك", "\u200c": " "})


def sentences(data: Path) -> Iterator[tuple[str, str]]:
    """Yield (language, sentence) from the clean sets and from the public comments."""
    for name, language in _FILES.items():
        for line in (data / "kurdish_lid" / f"{name}_train.txt").read_text(encoding="utf-8").splitlines():
            if line.strip():
                yield language, line.strip()
    with (data / "jigsaw_six" / "toxic_comments.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield "en", row["comment_text"][:300]
    with (data / "davidson" / "labeled_data.csv").open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if number % 10 == 0:
                yield "en", row["tweet"]
    with (data / "mlma" / "ar_dataset.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield "ar", row["tweet"]
    with (data / "offenseval_tr" / "offenseval-tr-training-v1.tsv").open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 8 == 0:
                yield "tr", line.split("\t")[1]


def train(data: Path, corpus: Path | None, out: Path, seed: int = 7) -> dict[str, float]:
    """Fit, write the weights to `out`, return the accuracy on held-out sentences.

    Rows of our own corpus that mix languages are left out.
    """
    pairs = list(sentences(data))
    if corpus is not None:
        own = (row for row in rows.corpus(corpus) if row.kind != "mixed-language" and row.split in {"", "train"})
        pairs.extend((row.language, row.text) for row in own if _script_fits(row.language, row.text))
    rng = random.Random(seed)
    rng.shuffle(pairs)
    held = pairs[: len(pairs) // 10]
    views = [view for language, text in pairs[len(held) :] for view in _views(language, text, rng)]
    matrix = _matrix([text for _, text in views])
    counts = {name: max(1, sum(language == name for language, _ in views)) for name in CLASSES}
    labels = np.zeros((len(views), len(CLASSES)), dtype=np.float32)
    weights = np.zeros_like(labels)
    for number, (language, _) in enumerate(views):
        labels[number, CLASSES.index(language)] = 1
        weights[number] = (max(counts.values()) / counts[language]) ** 0.5
    model = fit(matrix, labels, weights, seed=seed, epochs=3, rate=0.3, exclusive=True)
    scale = float(np.abs(model.weights).max()) / 127
    np.savez_compressed(
        out,
        weights=np.round(model.weights / scale).astype(np.int8),
        scale=np.float32(scale),
        bias=model.bias,
    )
    right = model.logits(_matrix([text for _, text in held])).argmax(axis=1)
    return {
        name: float(
            np.mean(
                [CLASSES[guess] == name for guess, (language, _) in zip(right, held, strict=True) if language == name]
            )
        )
        for name in CLASSES
    }


def _script_fits(language: str, text: str) -> bool:
    """Whether a text is in the usual script of its language: Arabic or Persian in Latin letters teach nothing here."""
    arabic = sum("\u0600" <= char < "\u0780" for char in text)
    return arabic * 3 > len(text) if language in {"ar", "fa"} else language == "ckb" or arabic == 0


def _views(language: str, text: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    yield language, text
    words = text.split()
    if len(words) > 3:
        size = rng.randint(1, 4)
        start = rng.randrange(len(words) - size + 1)
        yield language, " ".join(words[start : start + size])
    if language in {"tr", "kmr"} and not any("\u0600" < c < "\u0700" for c in text):
        yield language, letters.deep(text.replace("İ", "i").lower())
    if language == "fa":
        yield language, text.translate(_YEH_KAF)
    if language == "ckb" and any("\u0600" < c < "\u0700" for c in text):
        yield language, text.translate(_KEYBOARD)
        yield language, text.translate(ARABIC_KEYBOARD)
        yield language, text.replace("ە", "ه ").translate(_KEYBOARD)
        piece = words[rng.randrange(len(words)) :][:3]
        yield language, " ".join(piece).translate(_KEYBOARD)


def _matrix(texts: list[str]) -> sparse.csr_matrix:
    data, indices, pointers = [], [], [0]
    for text in texts:
        rows = extract(pieces(text), bits=BITS, shortest=GRAMS[0], longest=GRAMS[1]).rows
        indices.append(rows)
        data.append(np.full(len(rows), 1 / max(1.0, len(rows)) ** 0.5, dtype=np.float32))
        pointers.append(pointers[-1] + len(rows))
    return sparse.csr_matrix(
        (np.concatenate(data), np.concatenate(indices), np.array(pointers)), shape=(len(texts), 1 << BITS)
    )
