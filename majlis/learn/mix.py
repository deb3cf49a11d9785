"""What training draws from: how many comments of each set, and what one of them weighs. It reads no file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from majlis.learn.rows import Row

OURS = 1.5
"""What a comment of the corpus weighs."""

LONG, AGAIN = 45, 2
"""Words from which a comment of the corpus is a long one, and how many times more each of those is read: they are few,
and what one sentence of ten does to a comment is the hardest to learn."""

PUBLIC: dict[str, tuple[int, float]] = {
    "toxic_spans": (9_000, 0.5),
    "offenseval": (31_000, 0.6),
    "youtube": (1_586, 0.7),
    "lid": (5_000, 0.6),
    "polite": (10_000, 1.0),
    "surge": (10_000, 0.6),
    "jigsaw": (12_000, 0.5),
    "jigsaw_six": (2_000, 0.7),
    "cad": (9_000, 0.4),
    "hatexplain": (8_000, 0.4),
    "davidson": (5_000, 0.4),
    "mlma": (4_000, 0.25),
    "sms": (1_500, 0.3),
}
"""How many comments of each public set are drawn from, and what one weighs: less where labels are rougher."""

_LONGEST = 900


def repeated(corpus: Sequence[Row]) -> list[Row]:
    """Return the rows of the corpus as often as they are read in a round."""
    return [*corpus, *([row for row in corpus if len(row.text.split()) >= LONG] * AGAIN)]


def drawn(public: Sequence[Row]) -> list[Row]:
    """Return the rows of the public sets that training may draw, cut to a length, with their weights."""
    taken: Counter[str] = Counter()
    out = []
    for row in public:
        most, weight = PUBLIC[row.source]
        if taken[row.source] < most:
            taken[row.source] += 1
            marks = {head: [mark for mark in spans if mark[1] <= _LONGEST] for head, spans in row.marks.items()}
            out.append(msgspec.structs.replace(row, text=row.text[:_LONGEST], weight=weight, marks=marks))
    return out
