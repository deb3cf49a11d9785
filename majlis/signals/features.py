"""Hashed n-grams of a comment's normal form: what the linear models look at, in training and at run time alike.

Whoever changes a number or an order here has to train the weights again.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from majlis.signals.text import Token

BITS = 19
"""The table of the classifier has 2 ** BITS rows."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_BASE = np.uint64(0x100000001B3)
_WORD, _PAIR = 0x51ED270B, 0x2545F491
_CLIP = 24


class Features(NamedTuple):
    """Row numbers of the table, and for each the position of the token it was read in.

    A pair of words is counted at its first token; `span` is 2 for those and 1 for the others.
    """

    rows: NDArray[np.int64]
    token: NDArray[np.int64]
    span: NDArray[np.int64]


def forms(tokens: Sequence[Token]) -> list[str]:
    """Return the strings that n-grams are read from: letters stretched for effect are cut to two."""
    return [_cut(token.form) for token in tokens]


def extract(words: Sequence[str], *, bits: int = BITS, shortest: int = 2, longest: int = 5) -> Features:
    """Return the features of a row of words: n-grams of letters that do not cross a space, words, pairs of words."""
    if not words:
        empty = np.empty(0, dtype=np.int64)
        return Features(empty, empty, empty)
    rows, owners = _letter_grams(words, shortest, longest)
    single = [zlib.crc32(word.encode("utf-8", "replace")) for word in words]
    pairs = [(a * 31 + b) ^ _PAIR for a, b in itertools.pairwise(single)]
    whole = np.array([value ^ _WORD for value in single] + pairs, dtype=np.uint64)
    hashed = np.concatenate([*rows, whole]) * _MULTIPLIER >> np.uint64(64 - bits)
    order = np.arange(len(words), dtype=np.int64)
    token = np.concatenate([*owners, order, order[:-1]])
    span = np.ones(len(token), dtype=np.int64)
    if pairs:
        span[-len(pairs) :] = 2
    return Features(hashed.astype(np.int64), token, span)


def _letter_grams(
    words: Sequence[str], shortest: int, longest: int
) -> tuple[list[NDArray[np.uint64]], list[NDArray[np.int64]]]:
    joined = " " + " ".join(words) + " "
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    space = (codes == 32).astype(np.int64)
    before = np.concatenate([[0], np.cumsum(space)])
    owner = np.clip(before[1:] - 1, 0, len(words) - 1)
    rows: list[NDArray[np.uint64]] = []
    owners: list[NDArray[np.int64]] = []
    rolling = codes
    size = len(codes)
    for n in range(2, longest + 1):
        if size < n:
            break
        rolling = rolling[: size - n + 1] * _BASE + codes[n - 1 :]
        if n < shortest:
            continue
        inside = before[n - 1 : size] - before[1 : size - n + 2]
        keep = inside == 0
        rows.append((rolling[keep] + np.uint64(n)) ^ (rolling[keep] >> np.uint64(29)))
        owners.append(owner[: size - n + 1][keep])
    return rows, owners


def _cut(form: str) -> str:
    if len(form) < 3:
        return form
    out = [form[0], form[1]]
    for letter in form[2:]:
        if not (letter == out[-1] == out[-2]):
            out.append(letter)
    return "".join(out[:_CLIP])
