"""The trained classifier: the encoder's logits, and what n-grams add, made calibrated probabilities, with the words.

It cites the words that the encoder's token head marks. It knows nothing of the author, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from majlis import errors
from majlis.domain.decision import ANY, Finding, Observation
from majlis.domain.site import LANGUAGES
from majlis.signals import encoder, spelling
from majlis.signals.encoder import Encoded, Encoder
from majlis.signals.ngrams import BITS, Ngrams
from majlis.signals.spelling import Spelling
from majlis.signals.text import Text
from majlis.signals.view import View

NAME = "classifier"
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
WEIGHTS = Path(__file__).with_name("weights")
CALIBRATION = "calibration.npz"
SHORT = 80
"""Pieces up to which the mean state counts: of more words it says little about the few that matter."""

HIDDEN = 384
"""How many numbers a state of the encoder has."""

_PLAIN, _HELD = 0.5, 0.15
"""From which probability on one part of a comment counts although the whole seems fine, and for how much: it keeps the
comment from being approved, and no more."""

_SEEN = 0.1
_MARKED = 0.35
_NEAR = 0.5
_SPANS = 3
_GAP = 3
"""How far apart marked pieces stand that are cited together."""


@dataclass(frozen=True, slots=True)
class Classifier:
    """The encoder, the letters that keyboards lack, its heads learned once more, n-grams, and its calibration.

    `refit` (heads, hidden) reads a mean state less its language's `centre` (languages + 1, hidden). `slope` (2, heads)
    and `offset` (2, languages + 1, heads) make logits probabilities: first the network's alone, then those with what
    `refit` and `ngrams` add. The last row is for other languages.
    """

    version: str
    encoder: Encoder
    spelling: Spelling
    centre: NDArray[np.float32]
    refit: NDArray[np.float32]
    ngrams: Ngrams
    slope: NDArray[np.float32]
    offset: NDArray[np.float32]

    def probabilities(self, read: Encoded, language: str) -> NDArray[np.float32]:
        """Return the calibrated probabilities (heads,) of what was read.

        One insult between polite sentences is hardly seen in the whole, but in its own part. Of a text that is longer
        than what is read at once, the whole and its worst part say about as much, so both count alike.
        """
        brief = len(read.spans) <= SHORT
        chances = self._chances(
            read.clauses, self._again(read.means, [read.text], language) if brief else None, language
        )
        if read.parts and len(read.clauses) > 1:
            return np.asarray(_between(chances, self._worst(read, language)), dtype=np.float32)
        if read.parts and chances[0] < _HELD and self._worst(read, language)[0] >= _PLAIN:
            chances[0] = _HELD
        return chances

    def _worst(self, read: Encoded, language: str) -> NDArray[np.float32]:
        """Return for each head the highest probability (heads,) that one part of a comment has by itself."""
        logits, means = self.encoder.apart(read)
        return self._chances(logits, self._again(means, read.told_apart, language), language)

    def _again(self, means: NDArray[np.float32], texts: Sequence[str], language: str) -> NDArray[np.float32]:
        """Return what was learned on the mean states (texts, hidden) and n-grams of texts: logits (texts, heads)."""
        spelled = np.stack([self.ngrams.logits(text) for text in texts])
        return np.asarray((means - self.centre[row(language)]) @ self.refit.T + spelled)

    def _chances(
        self, logits: NDArray[np.float32], again: NDArray[np.float32] | None, language: str
    ) -> NDArray[np.float32]:
        """Return the highest probabilities (heads,) of texts: from the network's own logits (texts, heads), and, where
        it is given, from what was learned once more."""
        kind = int(again is not None)
        whole = joined(logits if again is None else logits + again)
        raised = np.clip(whole * self.slope[kind] + self.offset[kind, row(language)], -30, 30)
        chances = 1 / (1 + np.exp(-raised))
        # Whoever breaks one clause breaks any: what is hardly wrong at all is hardly hate because a people is named.
        # All are lowered alike, so that the likeliest clause stays the likeliest.
        chances[:, 1:] *= np.minimum(1, chances[:, :1] / chances[:, 1:].max(axis=1, keepdims=True))
        return np.asarray(chances.max(axis=0), dtype=np.float32)


def joined(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return logits (texts, heads) with the likeliest clause's added to that of being rejected at all.

    Whoever breaks a clause breaks any, and a clause's own score sees what the score of all overlooks.
    """
    whole = logits.copy()
    whole[:, 0] += logits[:, 1:].max(axis=1)
    return whole


def _between(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities whose odds are the geometric mean of the odds of two."""
    one, other = (np.clip(chance, 1e-6, 1 - 1e-6) for chance in (one, other))
    odds = np.sqrt(one / (1 - one) * other / (1 - other))
    return np.asarray(odds / (1 + odds))


def row(language: str) -> int:
    """Return the row that a language has in what differs by language; the last for all that are not ours."""
    return LANGUAGES.index(language) if language in LANGUAGES else len(LANGUAGES)


def load(folder: Path = WEIGHTS) -> Classifier:
    """Read encoder and calibration from a folder.

    Raises:
        errors.WeightsInvalid: a file is missing, damaged or made for other heads.
    """
    try:
        with np.load(folder / CALIBRATION) as file:
            heads = tuple(str(name) for name in file["heads"])
            version, slope, offset = str(file["version"]), file["slope"], file["offset"]
            centre, refit = file["centre"].astype(np.float32), file["refit"].astype(np.float32)
            ngrams = Ngrams(file["ngrams"], file["step"])
    except Exception as error:
        raise errors.WeightsInvalid(
            f"{CALIBRATION} cannot be read: {type(error).__name__}.", hint="Install the package again or train anew."
        ) from None
    rows = len(LANGUAGES) + 1
    fits = slope.shape == (2, len(HEADS)) and offset.shape == (2, rows, len(HEADS))
    fits = fits and centre.shape == (rows, HIDDEN) and refit.shape == (len(HEADS), HIDDEN)
    fits = fits and ngrams.table.shape == (2**BITS, len(HEADS)) and ngrams.step.shape == (len(HEADS),)
    if (
        heads != HEADS
        or not fits
        or not all(np.isfinite(one).all() for one in (slope, offset, centre, refit, ngrams.step))
    ):
        raise errors.WeightsInvalid(f"{CALIBRATION} does not fit this version.", hint="Train the classifier anew.")
    return Classifier(version, encoder.load(folder), spelling.load(folder), centre, refit, ngrams, slope, offset)


def observe(classifier: Classifier, text: Text, seen: View, read: Encoded, language: str) -> Observation:
    """Return calibrated probabilities and the words that carry them.

    A comment without a piece that can be read breaks no clause of these, and of the whole nothing is said.

    A comment that is longer than the encoder reads is answered for by nobody: what was read can speak against it,
    and a person decides.
    """
    if not read.spans:
        return Observation(
            signal=NAME,
            version=classifier.version,
            scores=dict.fromkeys(COVERS, 0.0),
            covers=COVERS if read.whole else (),
        )
    chances = classifier.probabilities(read, language)
    findings: list[Finding] = []
    for head, clause in enumerate(HEADS):
        if clause != ANY and chances[head] >= _SEEN:
            findings.extend(_findings(text, seen, read, clause, head, float(chances[head])))
    return Observation(
        signal=NAME,
        version=classifier.version,
        scores={clause: round(float(chances[head]), 4) for head, clause in enumerate(HEADS)},
        findings=tuple(findings),
        covers=COVERS if read.whole else (),
    )


def _findings(text: Text, seen: View, read: Encoded, clause: str, head: int, chance: float) -> Iterator[Finding]:
    marks = 1 / (1 + np.exp(-np.clip(read.tokens[:, head], -30, 30)))
    for first, last in _runs(marks):
        start, end = seen.original(read.spans[first][0], read.spans[last - 1][1])
        start, end = _whole_words(text, start, end)
        if start < end:
            quote = text.quote(start, end)
            yield Finding(clause=clause, score=round(chance, 4), quote=quote, start=start, end=end, signal=NAME)


def _runs(marks: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return (first, last + 1) of the pieces that are marked, the strongest runs, in the order of the text."""
    if not len(marks):
        return []
    marked = np.flatnonzero(marks >= min(float(marks.max()) * 0.9, _MARKED))
    groups = np.split(marked, np.flatnonzero(np.diff(marked) > _GAP) + 1)
    runs = [(float(marks[one].max()), int(one[0]), int(one[-1]) + 1) for one in groups]
    strongest = max(run[0] for run in runs)
    kept = sorted((run for run in runs if run[0] >= strongest * _NEAR), reverse=True)[:_SPANS]
    return sorted((first, last) for _, first, last in kept)


def _whole_words(text: Text, start: int, end: int) -> tuple[int, int]:
    """Return the span widened to whole words and freed of space and marks at its ends."""
    touched = [token for token in text.tokens if token.start < end and start < token.end]
    words = [token for token in touched if token.word] or touched
    return (words[0].start, words[-1].end) if words else (start, start)
