"""The view of a comment that the encoder reads: disguises undone, lacking letters given back, all else as it was typed.

Each letter of the view knows where it stands in the original, so that exact words can be cited. The view is never
stored or shown, and nothing here knows a word or decides what a word means.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from majlis.signals import letters
from majlis.signals.text import Text, Token

_JOINERS = " .-_*·|/~"
_SHORTEST_SPELLING = 4
_STRETCH = 3
_IN_DISGUISE = letters.LEET + "*#"


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
        last = _spelled(text, at)
        if last - at >= _SHORTEST_SPELLING:
            word = _undone("".join(token.form for token in tokens[at:last] if token.word), letters.LATIN)
            yield tokens[at].start, tokens[last - 1].end, spelled(word) if spelled else word
            at = last
            continue
        token = tokens[at]
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
    stem = form.rstrip("0123456789")
    inner = any(sign in stem.lstrip("0123456789") for sign in letters.LEET) or (
        stem[:1] in letters.LEET and len(stem) > _STRETCH
    )
    if scripts & letters.LATIN and inner:
        form = letters.unleet(form)[0]
    return letters.squeeze(form) if letters.stretched(form) else form


def _spelled(text: Text, first: int) -> int:
    """Return the end of a run of single letters that one kind of sign keeps apart, at least `_SHORTEST_SPELLING`."""
    tokens = text.tokens
    if not (tokens[first].word and len(tokens[first].form) == 1):
        return first + 1
    at, gap = first + 1, ""
    while at < len(tokens):
        token = tokens[at]
        if not token.word:
            following = at + 1 < len(tokens) and tokens[at + 1].word and len(tokens[at + 1].form) == 1
            if token.form in _JOINERS and following:
                at += 1
                continue
            break
        between = text.original[tokens[at - 1].end : token.start]
        if len(token.form) != 1 or len(between) > 1 or (gap and between and between != gap):
            break
        gap = between or gap
        at += 1
    return at


def _shouted(original: str) -> bool:
    upper = sum(map(str.isupper, original))
    lower = sum(map(str.islower, original))
    return upper > 4 and upper > 2 * lower
