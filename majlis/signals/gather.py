"""Runs every check on one submission and returns what they saw. Decides nothing.

The checks are the literal tuple `CHECKS`: add a signal by writing its file and its line. None of them stops another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TypeVar

from majlis import errors
from majlis.domain.decision import Evidence, Observation, Submission
from majlis.domain.guidelines import Examples
from majlis.domain.site import LANGUAGES
from majlis.signals import classifier, language, learned, links, private, relevance, repetition, words
from majlis.signals.encoder import Encoded
from majlis.signals.repetition import Recent
from majlis.signals.text import Text, read
from majlis.signals.view import View, view
from majlis.signals.words import Lexicon

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Signals:
    """Everything that is read from files, once. `broken` says why there is no classifier, when there is none, and then
    no relevance either.

    `learned` are clauses of the newsroom's own that its examples taught.
    """

    language: language.Identifier
    words: Lexicon
    phrases: Lexicon
    classifier: classifier.Classifier | None
    relevance: relevance.Relevance | None = None
    broken: errors.WeightsInvalid | None = None
    learned: tuple[learned.Learned, ...] = ()

    def warm(self) -> None:
        """Do now what would otherwise be done with the first comment: half a second, several on a slow machine."""
        gather(self, Submission(text="Good morning to everybody who reads this."))


@dataclass(frozen=True, slots=True)
class Reading:
    """One submission made ready. `language` is what was found, `und` where nothing was; `encoded` reads it once."""

    submission: Submission
    text: Text
    recent: Sequence[Recent]
    language: str
    story: frozenset[str]
    encoded: Callable[[], tuple[View, Encoded]]


def _words(signals: Signals, reading: Reading) -> Observation:
    return words.observe(signals.words, reading.text, reading.language, reading.story)


def _links(signals: Signals, reading: Reading) -> Observation:
    return links.observe(signals.phrases, reading.text)


def _private(_: Signals, reading: Reading) -> Observation:
    return private.observe(reading.text, reading.language)


def _repetition(_: Signals, reading: Reading) -> Observation:
    return repetition.observe(reading.text, reading.recent)


def _relevance(signals: Signals, reading: Reading) -> Observation:
    _, encoded = reading.encoded()
    return relevance.observe(
        _loaded(signals, signals.relevance), reading.submission, reading.text, encoded, reading.language
    )


def _classifier(signals: Signals, reading: Reading) -> Observation:
    seen, encoded = reading.encoded()
    return classifier.observe(_loaded(signals, signals.classifier), reading.text, seen, encoded, reading.language)


def _learned(signals: Signals, reading: Reading) -> Observation:
    return learned.observe(signals.learned, reading.encoded()[1])


CHECKS: tuple[tuple[str, Callable[[Signals, Reading], Observation]], ...] = (
    (words.NAME, _words),
    (links.NAME, _links),
    (private.NAME, _private),
    (repetition.NAME, _repetition),
    (relevance.NAME, _relevance),
    (classifier.NAME, _classifier),
)
"""What is looked at after the language, in this order."""

OWN = ((learned.NAME, _learned),)
"""What is looked at besides, where the newsroom taught clauses of its own."""


def load(weights: Path | None = None, *, judging: bool = True) -> Signals:
    """Read lists and weights.

    A classifier that cannot be read is kept as `broken`, and every comment then goes to a person.

    Args:
        judging: whether the classifier is read at all; it takes most of the memory.

    Raises:
        errors.WeightsInvalid: the language weights that belong to the package are missing or damaged.
    """
    broken: errors.WeightsInvalid | None = None
    made: classifier.Classifier | None = None
    near: relevance.Relevance | None = None
    folder = weights or classifier.WEIGHTS
    try:
        if judging:
            whole = classifier.load(folder)
            near = relevance.load(folder, whole.version, whole.encoder)
            made = whole
    except errors.WeightsInvalid as error:
        broken = error
    return Signals(
        language=language.load(),
        words=words.load(),
        phrases=links.load(),
        classifier=made,
        relevance=near,
        broken=broken,
    )


def taught(signals: Signals, examples: Iterable[Examples]) -> Signals:
    """Return the signals with clauses of the newsroom's own learned; without a classifier they know none."""
    if (made := signals.classifier) is None:
        return signals
    return replace(signals, learned=tuple(learned.learn(made.encoder, made.version, one) for one in examples))


def gather(signals: Signals, submission: Submission, recent: Sequence[Recent] = ()) -> Evidence:
    """Return what every signal saw in one submission. Never raises for what a reader wrote."""
    text = read(submission.text)
    hint = submission.language if submission.language in LANGUAGES else None
    try:
        first = language.observe(signals.language, submission.text, hint)
    except Exception as error:
        first = _failed(language.NAME, error)
    found = str(first.facts.get("language", "und"))

    @cache
    def encoded() -> tuple[View, Encoded]:
        made = _loaded(signals, signals.classifier)
        seen = view(text, made.spelling.of(text.original, found))
        return seen, made.encoder.read(seen.text)

    reading = Reading(submission, text, recent, found, _story(submission), encoded)
    observations = [first]
    for name, check in (*CHECKS, *(OWN if signals.learned else ())):
        try:
            observations.append(check(signals, reading))
        except Exception as error:
            observations.append(_failed(name, error))
    return Evidence(
        language=found,
        language_score=float(first.facts.get("score", 0.0)),
        observations=tuple(observations),
    )


def covered() -> frozenset[str]:
    """Return the ids of the clauses that some signal answers for."""
    return frozenset((*classifier.COVERS, private.CLAUSE, relevance.CLAUSE))


def _loaded(signals: Signals, part: T | None) -> T:
    if part is None:
        raise signals.broken or errors.WeightsInvalid("No classifier was loaded.")
    return part


def _failed(name: str, error: Exception) -> Observation:
    code = error.code if isinstance(error, errors.MajlisError) else type(error).__name__
    return Observation(signal=name, version="", failed=code)


def _story(submission: Submission) -> frozenset[str]:
    about = f"{submission.title} {submission.summary}"[:4000]
    return frozenset(token.form for token in read(about).words)
