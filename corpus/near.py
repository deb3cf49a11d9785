"""Find near-duplicates exactly, without comparing all with all: texts whose five-letter pieces overlap.

It must not judge whether a likeness is allowed; check.py knows which rows are pairs.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import ceil

PIECE = 5


def pieces(text: str) -> frozenset[str]:
    """Return the five-letter pieces of a folded text, blanks included; a shorter text is one piece."""
    return frozenset(text[at : at + PIECE] for at in range(max(1, len(text) - PIECE + 1)))


def near_duplicates(texts: Sequence[str], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Yield (earlier, later, Jaccard) for every two folded texts from the threshold on, by their positions.

    Exact by prefix filtering (Chaudhuri et al. 2006): two sets as alike as that share one of their rarest
    pieces, so only texts that share such a piece are compared.
    """
    sets = [pieces(text) for text in texts]
    counts = Counter(piece for own in sets for piece in own)
    holders: dict[str, list[int]] = defaultdict(list)
    for later, own in enumerate(sets):
        rarest = sorted(own, key=lambda piece: (counts[piece], piece))
        prefix = rarest[: len(own) - ceil(threshold * len(own) - 1e-9) + 1]
        for earlier in sorted({holder for piece in prefix for holder in holders[piece]}):
            other = sets[earlier]
            if min(len(own), len(other)) < threshold * max(len(own), len(other)):
                continue
            shared = len(own & other)
            likeness = shared / (len(own) + len(other) - shared)
            if likeness >= threshold:
                yield earlier, later, likeness
        for piece in prefix:
            holders[piece].append(later)
