"""Sees a comment that was sent before, and an author who floods. Reads digests only, never other people's text."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from majlis.domain.decision import Observation
from majlis.signals.text import Text, digest

NAME, VERSION = "repetition", "1"

_MINUTE = 60_000
_DAY = 24 * 60 * _MINUTE
_SHORT = 4


class Recent(msgspec.Struct, frozen=True, kw_only=True):
    """A comment that was written shortly before.

    `digest` is `text.digest` of it, `age` milliseconds since it was sent, `own` whether the same author wrote it
    (the others are comments on the same story).
    """

    digest: str
    age: int
    own: bool


def observe(text: Text, recent: Sequence[Recent]) -> Observation:
    """Score `promotion` by how often the same words were sent, and hand flooding to a person.

    A few words ("thank you", "well said") are written by many and are never a repetition.
    """
    this = digest(text.original) if recent else ""
    same = [one for one in recent if one.digest == this and one.age <= _DAY]
    own = sum(one.own for one in same)
    others = len(same) - own
    minute = sum(one.own and one.age <= _MINUTE for one in recent)
    scores: dict[str, float] = {}
    long = len(text.words) >= _SHORT
    if own >= (2 if long else 5) or (long and others >= 2):
        scores["promotion"] = 0.7
    elif own and long:
        scores["promotion"] = 0.5
    if minute >= 5:
        scores["*"] = 0.6
    return Observation(
        signal=NAME,
        version=VERSION,
        scores=scores,
        facts={"same_own": own, "same_others": others, "own_last_minute": minute},
    )
