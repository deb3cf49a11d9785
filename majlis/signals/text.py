"""The normal form of a comment: the copy of its words that signals compare, with the way back to the reader's own.

The copy is for matching only. It is never stored, never shown, and every offset in it belongs to the original text.
One pass, linear in the text, whatever the text is.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple

from majlis.signals import letters

LONGEST_WORD = 64
"""Letters of a word that are compared; the rest of a longer one is part of it, unread."""

_INSIDE = "*#"
_APOSTROPHES = "'’ʼ`´"


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

    def digest(self) -> str:
        """Return a hash that is the same for comments which differ in letter case, marks, signs and spaces only."""
        return digest_of(self)


def read(original: str) -> Text:
    """Return the normal form of a text. Any string is readable, lone surrogates included."""
    tokens: list[Token] = []
    word: list[str] = []
    start = end = scripts = 0
    size = len(original)
    for at, char in enumerate(original):
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
        if kind == letters.SYMBOL and not (tokens and tokens[-1].form == char and tokens[-1].end == at):
            tokens.append(Token(char, at, at + 1, False, 0))
        elif kind == letters.SYMBOL:
            tokens[-1] = tokens[-1]._replace(form=char, end=at + 1)
    if word:
        tokens.append(_word(word, start, end, scripts))
    return Text(original, tuple(tokens), tuple(token for token in tokens if token.word))


def digest_of(text: Text) -> str:
    """Return 32 hexadecimal digits for the words of a text; texts without words are told apart by their signs."""
    source = text.words or text.tokens
    joined = " ".join(letters.squeeze(token.form) for token in source)
    return hashlib.blake2b(joined.encode("utf-8", "replace"), digest_size=16).hexdigest()


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
