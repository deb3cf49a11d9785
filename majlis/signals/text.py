"""The normal form of a comment: the copy of its words that signals compare, with the way back to the reader's own.

The copy is for matching only. It is never stored, never shown, and every offset in it belongs to the original text.
One pass, linear in the text, whatever the text is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from majlis.signals import letters

K = TypeVar("K")
V = TypeVar("V")

LONGEST_WORD = 64
"""Letters of a word that are compared; the rest of a longer one is part of it, unread."""

_INSIDE = "*#"
_APOSTROPHES = "'’ʼ`´"

_PLAIN = {0: "d", letters.LATIN: "l", letters.LOOKALIKE: "k", letters.ARABIC: "a", letters.OTHER: "o"}
"""The shape of a letter that is one letter also when folded, by its script."""

_MASKED = letters.LATIN | letters.LOOKALIKE
_SCRIPTS = {shape: bits for bits, shape in _PLAIN.items()}
_BETWEEN_SPACES = re.compile(f"([adklo]{{1,{LONGEST_WORD}}}+)[.]?(?= |\\Z)|[^ ]+")
"""In shapes: a word of such letters with one sign after it at most, which most are, or anything else."""


def _shape(char: str) -> str:
    kind, folded, bits = letters.fold(char)
    if kind == letters.SPACE:
        return " "
    if kind == letters.WORD and len(folded) == 1:
        return _PLAIN[bits]
    return "." if kind == letters.SYMBOL and char not in _INSIDE + "@$" + _APOSTROPHES else "?"


def _folded(char: str) -> str:
    kind, folded, _ = letters.fold(char)
    return folded if kind == letters.WORD and len(folded) == 1 else char


class _Known(dict[K, V]):
    """What is found when it is first asked for, and remembered."""

    def __init__(self, find: Callable[[K], V]) -> None:
        self._find = find

    def __missing__(self, key: K) -> V:
        found = self._find(key)
        if len(self) < letters.REMEMBERED:
            self[key] = found
        return found


_SHAPES, _FOLDED = _Known[int, str](lambda code: _shape(chr(code))), _Known[int, str](lambda code: _folded(chr(code)))
_RUNS = _Known[str, int](lambda shapes: sum(_SCRIPTS[shape] for shape in set(shapes)))
"""The scripts of a word, by the shapes of its letters."""


class Token(NamedTuple):
    """One word or sign: its folded form and where it stands in the original, in code points."""

    form: str
    start: int
    end: int
    word: bool
    scripts: int


@dataclass(frozen=True, slots=True)
class Text:
    """A comment as the signals read it. `words` are the tokens that are words."""

    original: str
    tokens: tuple[Token, ...]
    words: tuple[Token, ...]

    def quote(self, start: int, end: int) -> str:
        """Return the reader's own words between two offsets."""
        return self.original[start:end]


def read(original: str) -> Text:
    """Return the normal form of a text. Any string is readable, lone surrogates included."""
    tokens: list[Token] = []
    folded = original.translate(_FOLDED)
    for found in _BETWEEN_SPACES.finditer(original.translate(_SHAPES)):
        start, end = found.span(1)
        if start < 0:
            _read_signed(original, *found.span(), tokens)
            continue
        scripts, form = _RUNS[found[1]], folded[start:end]
        if scripts & _MASKED == _MASKED:
            form = letters.unmask(form, scripts)
        tokens.append(Token(form, start, end, True, scripts))
        if end < found.end():
            tokens.append(Token(original[end], end, end + 1, False, 0))
    return Text(original, tuple(tokens), tuple(token for token in tokens if token.word))


def _read_signed(original: str, first: int, last: int, tokens: list[Token]) -> None:
    """Read what stands between two spaces letter by letter: signs may belong to a word, end it, or be nothing."""
    word: list[str] = []
    start = end = scripts = 0
    size = len(original)
    for at in range(first, last):
        char = original[at]
        kind, folded, bits = letters.fold(char)
        if kind == letters.WORD or (kind == letters.SYMBOL and _spells(char, original, at, size, word)):
            if not word:
                start = at
            if len(word) < LONGEST_WORD:
                word.append(folded)
            end = at + 1
            scripts |= bits
            continue
        if kind == letters.DROP:
            continue
        if kind == letters.MARK:
            if word and bits == 0 and scripts & letters.LATIN and len(word) < LONGEST_WORD:
                word[-1] = letters.compose(word[-1], folded)
            if word:
                end = at + 1
            continue
        if word and char in _APOSTROPHES and at + 1 < size and original[at + 1].isalpha():
            continue
        if word:
            tokens.append(_word(word, start, end, scripts))
            word, scripts = [], 0
        if not (tokens and tokens[-1].form == char and tokens[-1].end == at):
            tokens.append(Token(char, at, at + 1, False, 0))
        else:
            tokens[-1] = tokens[-1]._replace(form=char, end=at + 1)
    if word:
        tokens.append(_word(word, start, end, scripts))


def digest(original: str) -> str:
    """Return a hash that is the same for comments which differ in letter case, marks, signs and spaces only.

    32 hexadecimal digits, of the words; texts without words are told apart by their signs.
    """
    joined = letters.squeeze(" ".join(_forms(original) or [token.form for token in read(original).tokens]))
    return hashlib.blake2b(joined.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _forms(original: str) -> list[str]:
    """Return the forms of the words that `read` finds, in a third of its time: where they stand is not asked."""
    forms: list[str] = []
    folded = original.translate(_FOLDED)
    for found in _BETWEEN_SPACES.finditer(original.translate(_SHAPES)):
        start, end = found.span(1)
        if start < 0:
            tokens: list[Token] = []
            _read_signed(original, *found.span(), tokens)
            forms += [token.form for token in tokens if token.word]
            continue
        scripts, form = _RUNS[found[1]], folded[start:end]
        forms.append(letters.unmask(form, scripts) if scripts & _MASKED == _MASKED else form)
    return forms


def _spells(char: str, original: str, at: int, size: int, word: list[str]) -> bool:
    """Whether a sign stands for a letter: @ and $ before a letter, * and # inside a word."""
    if at + 1 >= size:
        return False
    following = original[at + 1]
    if char in "@$":
        return following.isalpha()
    if char == "_":
        return False
    return char in _INSIDE and bool(word) and (following.isalpha() or following in _INSIDE)


def _word(parts: list[str], start: int, end: int, scripts: int) -> Token:
    form = letters.unmask("".join(parts), scripts)
    return Token(form, start, end, True, scripts)
