"""Puts fair comments before and after a comment: what one phrase in a long text looks like. Labels stay as they are."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import msgspec

from majlis.learn.rows import Row

LETTERS = 620
"""The most that a joined text has: about as much as the encoder reads at once."""

_GAPS = (" ", "\n", "\n\n", ". ")
_MANY = 0.4
"""Of joined texts so many have two to five fair ones around them, and the others one or two."""


def joined(row: Row, fair: Mapping[str, Sequence[str]], rng: random.Random) -> Row:
    """Return the row with a fair text of its language before it, after it, or both, its marks moved along.

    Args:
        row: any comment.
        fair: texts that break nothing, by language; a language that is missing leaves the row as it is.
        rng: decides which and where.
    """
    texts = fair.get(row.language)
    if not texts:
        return row
    gap = rng.choice(_GAPS)
    before, after = _many(texts, LETTERS - len(row.text), rng) if rng.random() < _MANY else _few(texts, rng)
    text = gap.join((*before, row.text, *after))
    shift = sum(len(one) + len(gap) for one in before)
    marks = {head: [(a + shift, b + shift, share) for a, b, share in spans] for head, spans in row.marks.items()}
    return msgspec.structs.replace(row, text=text, marks=marks)


def _few(texts: Sequence[str], rng: random.Random) -> tuple[list[str], list[str]]:
    before = [rng.choice(texts)] if rng.random() < 0.6 else []
    return before, [rng.choice(texts)] if not before or rng.random() < 0.5 else []


def _many(texts: Sequence[str], letters: int, rng: random.Random) -> tuple[list[str], list[str]]:
    """Return two to five texts, divided anywhere, but no more letters than are asked for."""
    drawn = [rng.choice(texts) for _ in range(rng.randint(2, 5))]
    place = rng.randint(0, len(drawn))
    before, after = drawn[:place], drawn[place:]
    while (before or after) and sum(map(len, before + after)) > letters:
        (before if len(before) > len(after) else after).pop()
    return before, after
