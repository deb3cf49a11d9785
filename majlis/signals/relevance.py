"""How much a comment has to do with its story: the words they share, how alike their meanings are, and what the comment
is like that nobody asked for, such as a greeting or a recipe.

It can send a comment to a person and never rejects one: no words of a comment are off its topic by themselves. It
knows nothing of the author and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from majlis import errors
from majlis.domain.decision import Observation, Submission
from majlis.domain.site import LANGUAGES
from majlis.signals import letters
from majlis.signals.classifier import row
from majlis.signals.encoder import Encoded, Encoder
from majlis.signals.text import Text, read

NAME = "relevance"
CLAUSE = "off-topic"
FILE = "relevance.npz"
FEATURES = 5
"""Likeness of meaning, whether no word is shared, how many are, how many words there are, what the comment is like."""

_STEM = 4
_ABOUT = 4_000
_STORIES = 1_024

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Side:
    """What makes a mean state of the encoder comparable: `centre` (languages + 1, hidden), the last row for other
    languages, and `directions` (hidden, shared)."""

    centre: Array
    directions: Array

    def place(self, state: Array, language: str) -> Array:
        """Return the unit vector (shared,) of a state (hidden,)."""
        seen = (state - self.centre[row(language)]) @ self.directions
        return np.asarray(seen / (np.linalg.norm(seen) or 1.0), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Relevance:
    """What `majlis.learn.relevance` learned, for one encoder.

    `head` (hidden,) says of a comment's state how far it is like those that have nothing to do with any story;
    `weights` (FEATURES,) and `bias` make the features the log-odds of being off topic. `state` gives the mean state of
    a story.
    """

    version: str
    comments: Side
    stories: Side
    head: Array
    weights: Array
    bias: float
    state: Callable[[str], Array]


def load(folder: Path, version: str, encoder: Encoder) -> Relevance:
    """Read what belongs to the encoder of this version.

    Raises:
        errors.WeightsInvalid: the file is missing, damaged or belongs to another encoder.
    """
    try:
        with np.load(folder / FILE) as file:
            found = {name: np.asarray(file[name]) for name in file.files}
        of = str(found.pop("version"))
        wide = {name: np.asarray(value, dtype=np.float32) for name, value in found.items()}
        made = Relevance(
            version=of.rpartition("-")[2],
            comments=Side(wide["comment_centre"], wide["comment_directions"]),
            stories=Side(wide["story_centre"], wide["story_directions"]),
            head=wide["head"],
            weights=wide["weights"],
            bias=float(wide["bias"]),
            state=lru_cache(_STORIES)(lambda about: encoder.typed(about).mean),
        )
    except Exception as error:
        raise errors.WeightsInvalid(
            f"{FILE} cannot be read: {type(error).__name__}.", hint="Install the package again or train anew."
        ) from None
    hidden, shared = made.comments.directions.shape
    fits = (
        made.comments.centre.shape == made.stories.centre.shape == (len(LANGUAGES) + 1, hidden)
        and made.stories.directions.shape == (hidden, shared)
        and made.head.shape == (hidden,)
        and made.weights.shape == (FEATURES,)
        and all(np.isfinite(value).all() for value in wide.values())
    )
    if of != version or not fits:
        raise errors.WeightsInvalid(f"{FILE} does not belong to this encoder.", hint="Train the classifier anew.")
    return made


def about(title: str, summary: str) -> str:
    """Return what is known of a story, as it is read; empty where nothing is."""
    return f"{title}. {summary}".strip(" .")[:_ABOUT]


def stems(text: Text) -> frozenset[str]:
    """Return the beginnings of the words, without letters that keyboards lack: a crude stem for all six languages."""
    found = set()
    for token in text.words:
        form = letters.deep(token.form)
        form = form[2:] if form.startswith("ال") and len(form) > _STEM + 1 else form
        if len(form) >= _STEM:
            found.add(form[: _STEM + 1])
    return frozenset(found)


@lru_cache(_STORIES)
def _of_story(story: str) -> frozenset[str]:
    return stems(read(story))


def features(likeness: float, shared: int, words: int, kind: float) -> Array:
    """Return the features (FEATURES,) of a comment under a story.

    Args:
        likeness: cosine of both places.
        shared: stems that the comment shares with the story or with what it answers.
        words: how many words the comment has.
        kind: what `head` says of its state.
    """
    return np.array([likeness, shared == 0, np.log1p(shared), np.log1p(words), kind], dtype=np.float32)


def observe(model: Relevance, submission: Submission, text: Text, read_as: Encoded, language: str) -> Observation:
    """Return a probability for `off-topic`. Without a story nothing is off its topic."""
    story = about(submission.title, submission.summary)
    if not story or not read_as.spans:
        return Observation(signal=NAME, version=model.version, scores={CLAUSE: 0.0}, covers=(CLAUSE,))
    known = _of_story(story) | stems(read(submission.parent[: 2 * _ABOUT - len(story) - 1]))
    shared = len(known & stems(text))
    state = read_as.mean
    place = model.comments.place(state, language)
    likeness = float(place @ model.stories.place(model.state(story), language))
    kind = float((state - model.comments.centre[row(language)]) @ model.head)
    seen = features(likeness, shared, len(text.words), kind)
    raised = float(np.clip(seen @ model.weights + model.bias, -30, 30))
    return Observation(
        signal=NAME,
        version=model.version,
        scores={CLAUSE: round(1 / (1 + float(np.exp(-raised))), 4)},
        covers=(CLAUSE,),
        facts={"shared": shared, "likeness": round(likeness, 3), "words": len(text.words)},
    )
