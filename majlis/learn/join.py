"""Puts fair comments before and after a comment: what one phrase in a long text looks like. Labels stay as they are."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import msgspec

from majlis.learn.rows import Row

_GAPS = (" ", "\n", "\n\n", ". ")


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
    before = [rng.choice(texts)] if rng.random() < 0.6 else []
    after = [rng.choice(texts)] if not before or rng.random() < 0.5 else []
    text = gap.join((*before, row.text, *after))
    shift = sum(len(one) + len(gap) for one in before)
    marks = {head: [(a + shift, b + shift, share) for a, b, share in spans] for head, spans in row.marks.items()}
    return msgspec.structs.replace(row, text=text, marks=marks)
