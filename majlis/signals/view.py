"""The view of a comment that the encoder reads: disguises undone, lacking letters given back, all else as it was typed.

Each letter of the view knows where it stands in the original, so that exact words can be cited. The view is never
stored or shown, and nothing here knows a word or decides what a word means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from majlis.signals import letters
from majlis.signals.text import Text, Token

_JOINERS = " .-_*·|/~"
_SHORTEST_SPELLING = 4
_WIDEST = 3
_STRETCH = 3
_IN_DISGUISE = letters.LEET + "*#"
_STARRED = re.compile(r"[^\W\d](?:([*#])\w)(?:\1\w)+")


@dataclass(frozen=True, slots=True)
class View:
    """`starts[i]` and `ends[i]` are the code points of the original that letter i of `text` stands for."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def original(self, first: int, last: int) -> tuple[int, int]:
        """Return the slice of the original that letters `first` to `last` (exclusive) of the view stand for."""
        return self.starts[first], self.ends[last - 1]


def view(text: Text, spelled: Callable[[str], str] | None = None) -> View:
    """Return the view of a comment; linear in its length.

    Args:
        spelled: gives a word the letters back that it was typed without, as `signals.spelling` does.
    """
    kept: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for first, last, word in _rewritten(text, spelled):
        for place in range(at, first):
            _keep(text.original[place], place, place + 1, kept, starts, ends)
        for letter in word:
            _keep(letter, first, last, kept, starts, ends)
        at = last
    for place in range(at, len(text.original)):
        _keep(text.original[place], place, place + 1, kept, starts, ends)
    return View("".join(kept), tuple(starts), tuple(ends))


def _keep(char: str, start: int, end: int, kept: list[str], starts: list[int], ends: list[int]) -> None:
    kind, _, _ = letters.fold(char)
    if kind == letters.DROP and char != "\u200c":
        return
    if kind == letters.MARK and kept and not _belongs(kept[-1], char):
        return
    if kind == letters.MARK and not kept:
        return
    kept.append("\u0020" if kind == letters.SPACE else char)
    starts.append(start)
    ends.append(end)


def _belongs(base: str, mark: str) -> bool:
    """Whether a mark writes a letter of an alphabet together with its base; vowel signs and overlays do not."""
    return letters.compose(base.lower(), mark) != base.lower()


def _rewritten(text: Text, spelled: Callable[[str], str] | None) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, word) of what is typed in disguise, spelled out, stretched, in other alphabets or digits, or
    without its letters."""
    shouted = _shouted(text.original)
    tokens = text.tokens
    at = 0
    while at < len(tokens):
        token = tokens[at]
        last, run = _spelled(text, at) if _single(token) else (at, [])
        if last - at >= _SHORTEST_SPELLING and any(one.form.isalpha() for one in run):
            typed = "".join(text.original[one.start : one.end] for one in run)
            word = _undone("".join(one.form for one in run), letters.LATIN)
            word = typed if typed.lower() == word and not shouted else word
            yield run[0].start, run[-1].end, spelled(word) if spelled else word
            at = last
            continue
        if token.word:
            typed = text.original[token.start : token.end]
            word = _plain(typed, token, shouted)
            word = spelled(word) if spelled else word
            if word != typed:
                yield token.start, token.end, word
        at += 1


def _plain(typed: str, token: Token, shouted: bool) -> str:
    disguised = (
        (token.scripts & letters.LATIN and token.scripts & letters.LOOKALIKE)
        or (not typed.isalpha() and any(map(str.isalpha, typed)) and any(map(typed.__contains__, _IN_DISGUISE)))
        or letters.stretched(token.form)
        or (token.scripts & letters.LATIN and not typed.isascii() and unicodedata.normalize("NFKC", typed) != typed)
    )
    if disguised:
        return _undone(token.form, token.scripts)
    return typed.lower().replace("i\u0307", "i") if shouted and token.scripts & letters.LATIN else typed


def _undone(form: str, scripts: int) -> str:
    """Return a folded word without its disguise. A word that ends in digits keeps them, as in `covid19`."""
    if _STARRED.fullmatch(form):
        form = form.replace(form[1], "")
    stem = form.rstrip("0123456789")
    inner = any(sign in stem.lstrip("0123456789") for sign in letters.LEET) or (
        stem[:1] in letters.LEET and len(stem) > _STRETCH
    )
    if scripts & letters.LATIN and inner:
        form = letters.unleet(form)[0]
    return letters.squeeze(form) if letters.stretched(form) else form


def _spelled(text: Text, first: int) -> tuple[int, list[Token]]:
    """Return the end of a run of single letters that the same sign keeps apart, from one on, and those letters.

    A word ends where the sign changes: in `b.a.d d.o.g` are two.
    """
    tokens, run, apart, at = text.tokens, [text.tokens[first]], "", first + 1
    while at < len(tokens):
        following = at + (not tokens[at].word)
        if following == len(tokens) or not _single(tokens[following]):
            break
        between = text.original[run[-1].end : tokens[following].start]
        if len(between) > _WIDEST or between.strip() not in _JOINERS or (apart and between != apart):
            break
        apart = between
        run.append(tokens[following])
        at = following + 1
    return at, run


def _single(token: Token) -> bool:
    return token.word and len(token.form) == 1


def _shouted(original: str) -> bool:
    upper = sum(map(str.isupper, original))
    lower = sum(map(str.islower, original))
    return upper > 4 and upper > 2 * lower
