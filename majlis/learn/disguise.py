"""Types a comment anew as people disguise or mistype it: what the encoder must see through.

It changes letters, never words, and applies to fair and abusive comments alike, so that a disguise is no evidence.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from majlis.signals import letters
from majlis.signals.spelling import ARABIC_KEYBOARD

_LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"})
_STARS = str.maketrans({"a": "@", "s": "$", "i": "!", "u": "*", "o": "*"})
_LOOKALIKE = str.maketrans({"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "y": "у", "i": "і"})


def disguised(text: str, language: str, rng: random.Random) -> str:
    """Return the text typed in one way chosen at random; now and then as it is."""
    usual = [way for name, way in WAYS.items() if name not in _OWN]
    own = [WAYS[name] for name, languages in _OWN.items() if language in languages]
    return rng.choice(usual + own * 4)(text, rng)


def ways(language: str) -> dict[str, Callable[[str, random.Random], str]]:
    """Return by name every way in which a text of this language is typed."""
    return {name: way for name, way in WAYS.items() if language in _OWN.get(name, (language,))}


def _words(change: Callable[[str, random.Random], str]) -> Callable[[str, random.Random], str]:
    def some(text: str, rng: random.Random) -> str:
        share = rng.choice((0.15, 0.4, 1.0))
        return " ".join(
            change(word, rng) if len(word) > 2 and rng.random() < share else word for word in text.split(" ")
        )

    return some


def _lower(text: str, rng: random.Random) -> str:
    return text.upper() if rng.random() < 0.3 else text.lower()


def _bare(text: str, _: random.Random) -> str:
    return letters.deep(text.replace("İ", "I").replace("I", "i").lower())


def _arabic_keyboard(text: str, _: random.Random) -> str:
    return text.translate(ARABIC_KEYBOARD)


def _leet(word: str, _: random.Random) -> str:
    return word.lower().translate(_LEET)


def _starred(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word))
    return word[:at] + word[at:].translate(_STARS)


def _lookalikes(word: str, _: random.Random) -> str:
    return word.translate(_LOOKALIKE)


def _spelled(word: str, rng: random.Random) -> str:
    return rng.choice((" ", ".", "-", "*")).join(word) if len(word) > 3 else word


def _stretched(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word))
    return word[:at] + word[at] * rng.randint(2, 5) + word[at + 1 :]


def _slipped(text: str, rng: random.Random) -> str:
    """Swap two neighbouring letters, or lose one, in a word or two."""
    out = list(text)
    for _ in range(rng.randint(1, 3)):
        if len(out) > 4:
            at = rng.randrange(len(out) - 2)
            if out[at].isalpha() and out[at + 1].isalpha():
                out[at], out[at + 1] = out[at + 1], out[at]
    return "".join(out)


WAYS: dict[str, Callable[[str, random.Random], str]] = {
    "case": _lower,
    "leet": _words(_leet),
    "spelled out": _words(_spelled),
    "stretched": _words(_stretched),
    "look-alikes": _words(_lookalikes),
    "stars": _words(_starred),
    "slips": _slipped,
    "no diacritics": _bare,
    "Arabic keyboard": _arabic_keyboard,
}
"""Every way to type a text anew, by name."""

_OWN = {"no diacritics": ("tr", "kmr"), "Arabic keyboard": ("ckb",)}
"""The ways that only some languages know."""
