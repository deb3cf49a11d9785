"""The trained classifier: one linear head for each clause, and one for being rejected at all, on hashed n-grams.

It needs numpy and one file. It cites the words that moved a head most. It knows nothing of the story or the author.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from majlis import errors
from majlis.domain.decision import Finding, Observation
from majlis.signals.features import BITS, extract, forms
from majlis.signals.text import Text

NAME = "classifier"
ANY = "*"
HEADS = (
    ANY,
    "profanity",
    "vulgarity",
    "threat",
    "personal-attack",
    "sexism",
    "racism",
    "homophobia",
    "xenophobia",
    "promotion",
    "private-data",
)
COVERS = HEADS[1:]
WEIGHTS = Path(__file__).with_name("weights") / "classifier.npz"

_WINDOW, _STRIDE = 20, 10
_SEEN = 0.1
_SPANS = 3
_LONGEST_SPAN = 12


@dataclass(frozen=True, slots=True)
class Classifier:
    """The weights as they are kept: small integers, a scale and an offset a head, and the calibration's slope and
    offset.
    """

    version: str
    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]

    def parts(self, words: list[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what each word adds to each head, (words, heads), and how many features it has, (words,)."""
        found = extract(words)
        values = self.weights[found.rows].astype(np.float32) * self.scale
        half = (1.0 / found.span).astype(np.float32)
        added = np.zeros((len(words), len(HEADS)), dtype=np.float32)
        counts = np.zeros(len(words), dtype=np.float32)
        np.add.at(added, found.token, values * half[:, None])
        np.add.at(counts, found.token, half)
        pairs = found.span == 2
        np.add.at(added, found.token[pairs] + 1, values[pairs] * 0.5)
        np.add.at(counts, found.token[pairs] + 1, np.float32(0.5))
        return added, counts

    def raw(self, added: NDArray[np.float32], counts: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the uncalibrated outcome of a row of words for each head."""
        return np.asarray(added.sum(axis=0) / np.sqrt(max(1.0, counts.sum())) + self.bias, dtype=np.float32)

    def probabilities(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the calibrated probability of each head."""
        return np.asarray(1 / (1 + np.exp(-np.clip(raw * self.slope + self.offset, -30, 30))), dtype=np.float32)


def load(path: Path = WEIGHTS) -> Classifier:
    """Read the weights.

    Raises:
        errors.WeightsInvalid: the file is missing, damaged or made for other heads or features.
    """
    try:
        with np.load(path) as file:
            made = Classifier(
                version=str(file["version"]),
                weights=file["weights"],
                scale=file["scale"],
                bias=file["bias"],
                slope=file["slope"],
                offset=file["offset"],
            )
            heads = tuple(str(name) for name in file["heads"])
    except Exception as error:
        raise errors.WeightsInvalid(
            f"{path.name} cannot be read: {type(error).__name__}.", hint="Install the package again or train anew."
        ) from None
    rows = made.weights.shape == (1 << BITS, len(HEADS)) and made.weights.dtype == np.int8
    columns = all(part.shape == (len(HEADS),) for part in (made.scale, made.bias, made.slope, made.offset))
    finite = columns and all(np.isfinite(part).all() for part in (made.scale, made.bias, made.slope, made.offset))
    if heads != HEADS or not rows or not finite:
        raise errors.WeightsInvalid(f"{path.name} does not fit this version.", hint="Train the classifier anew.")
    return made


def observe(classifier: Classifier, text: Text) -> Observation:
    """Return calibrated probabilities and the words that carry them.

    A long comment is also read in windows, so that one abusive sentence in a long polite text is not averaged away.
    """
    tokens = text.tokens
    if not tokens:
        return Observation(signal=NAME, version=classifier.version, scores=dict.fromkeys(HEADS, 0.0), covers=COVERS)
    added, counts = classifier.parts(forms(tokens))
    windows = list(_windows(len(tokens)))
    raws = np.stack([classifier.raw(added[first:last], counts[first:last]) for first, last in windows])
    best = raws.argmax(axis=0)
    chances = classifier.probabilities(raws.max(axis=0))
    # A mark between words may weigh something, but it is not words that a reader could be shown.
    shown = np.where([[_is_word(text.quote(token.start, token.end))] for token in tokens], added, 0)
    findings: list[Finding] = []
    for head, clause in enumerate(HEADS):
        if clause == ANY or chances[head] < _SEEN:
            continue
        first, last = windows[int(best[head])]
        for start, end, share in _spans(shown[first:last, head]):
            span = tokens[first + start], tokens[first + end - 1]
            score = float(chances[head]) * (1.0 if share >= 0.25 else 0.8)
            findings.append(
                Finding(
                    clause=clause,
                    score=round(score, 4),
                    quote=text.quote(span[0].start, span[1].end),
                    start=span[0].start,
                    end=span[1].end,
                    signal=NAME,
                )
            )
    scores = {clause: round(float(chances[head]), 4) for head, clause in enumerate(HEADS)}
    return Observation(signal=NAME, version=classifier.version, scores=scores, findings=tuple(findings), covers=COVERS)


def _is_word(quote: str) -> bool:
    """Return whether a token is more than punctuation; an emoji is."""
    return any(unicodedata.category(char)[0] in "LNM" or unicodedata.category(char) == "So" for char in quote)


def _windows(size: int) -> Iterator[tuple[int, int]]:
    yield 0, size
    if size > _WINDOW * 2:
        for first in range(0, size - _STRIDE, _STRIDE):
            yield first, min(size, first + _WINDOW)


def _spans(added: NDArray[np.float32]) -> Iterator[tuple[int, int, float]]:
    """Yield (first, last + 1, share) of the words that add most; share is their part of all that speaks for it."""
    total = float(added[added > 0].sum())
    if total <= 0:
        return
    bound = float(added.max()) * 0.45
    runs: list[tuple[float, int, int]] = []
    at = 0
    while at < len(added):
        if added[at] < bound:
            at += 1
            continue
        end = at + 1
        while end < len(added) and added[end] >= bound * 0.5 and end - at < _LONGEST_SPAN:
            end += 1
        runs.append((float(added[at:end].sum()), at, end))
        at = end
    kept = sorted(runs, reverse=True)[:_SPANS]
    share = sum(value for value, _, _ in kept) / total
    for _, first, last in sorted(kept, key=lambda run: run[1]):
        yield first, last, share
