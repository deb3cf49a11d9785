"""What training reads, in which order: the same rows, plan and seed give the same batches.

It knows no network and opens no file.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from majlis.learn.join import joined
from majlis.learn.rows import Row

BESIDE = 240
"""Letters that a fair comment may have which is put beside another: the other one is still read."""

_POOL = 32

Unit = tuple[Row, ...]
"""Comments that stay in one batch: one alone, or both of a minimal pair."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard is trained.

    A round reads each row of the corpus so many times, each row that was judged anew so many times, and so many rows
    of the public sets. `rate` is the highest learning rate, `near` the pull back to the pretrained weights. `disguise`
    and `join` are the shares of comments that are typed in disguise and that fair comments are put around. With `agree`
    each batch is read twice at once, and what differs between the two readings counts so much.
    """

    rounds: Sequence[tuple[int, int, int]] = ((2, 1, 14_000), (2, 1, 8_000), (2, 1, 5_000))
    batch: int = 32
    rate: float = 1e-4
    fade: float = 0.85
    near: float = 0.0005
    disguise: float = 0.3
    join: float = 0.3
    agree: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """The rows that are drawn from: the corpus, what was judged anew under its guide, and the public sets."""

    corpus: Sequence[Row]
    judged: Sequence[Row]
    public: Sequence[Row]

    def comments(self, plan: Plan) -> int:
        """Return how many comments a plan reads."""
        return sum(
            times * len(self.corpus) + again * len(self.judged) + min(extra, len(self.public))
            for times, again, extra in plan.rounds
        )

    def batches(self, plan: Plan, seed: int, long: Callable[[str], int] = len) -> Iterator[list[Row]]:
        """Yield the batches of all rounds; those of one batch are about as `long`, so that little of it is padding."""
        fair = self._fair()
        for number, (times, again, extra) in enumerate(plan.rounds):
            rng = random.Random(f"{seed} {number}")
            units = _paired(self.corpus) * times + _paired(self.judged) * again
            units += [(row,) for row in rng.sample(list(self.public), min(extra, len(self.public)))]
            yield from _batches(_longer(units, fair, plan.join, rng), plan.batch, rng, long)

    def _fair(self) -> dict[str, list[str]]:
        """Return the fair comments of the corpus by language: whatever stands beside them is all that can be wrong."""
        out: dict[str, list[str]] = {}
        for row in self.corpus:
            if not row.clauses and len(row.text) <= BESIDE:
                out.setdefault(row.language, []).append(row.text)
        return out


def _paired(rows: Sequence[Row]) -> list[Unit]:
    paired: dict[str, list[Row]] = {}
    for number, row in enumerate(rows):
        paired.setdefault(row.pair or f"{number}", []).append(row)
    return [tuple(both) for both in paired.values()]


def _longer(
    units: Sequence[Unit], fair: Mapping[str, Sequence[str]], share: float, rng: random.Random
) -> Iterator[Unit]:
    for unit in units:
        yield tuple(joined(row, fair, rng) for row in unit) if rng.random() < share else unit


def _batches(units: Iterator[Unit], size: int, rng: random.Random, long: Callable[[str], int]) -> Iterator[list[Row]]:
    """Yield batches of comments of like length, in random order; every comment once."""
    mixed = list(units)
    rng.shuffle(mixed)
    for first in range(0, len(mixed), size * _POOL):
        near = sorted(mixed[first : first + size * _POOL], key=lambda unit: max(long(row.text) for row in unit))
        batches: list[list[Row]] = [[]]
        for unit in near:
            if len(batches[-1]) + len(unit) > size:
                batches.append([])
            batches[-1].extend(unit)
        rng.shuffle(batches)
        yield from batches
