"""Types a comment anew as people disguise or mistype it: what the encoder must see through.

It changes letters, never words, and applies to fair and abusive comments alike, so that a disguise is no evidence.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from majlis.signals import letters

_KEYBOARD = str.maketrans({"ە": "ه", "ێ": "ي", "ی": "ي", "ۆ": "و", "ڕ": "ر", "ڵ": "ل", "ک": "ك"})
_LEET = str.maketrans({"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"})
_STARS = str.maketrans({"a": "@", "s": "$", "i": "!", "u": "*", "o": "*"})
_LOOKALIKE = str.maketrans({"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "y": "у", "i": "і"})


def disguised(text: str, language: str, rng: random.Random) -> str:
    """Return the text typed in one way chosen at random; now and then as it is."""
    ways: list[Callable[[str, random.Random], str]] = [_lower, _words(_leet), _words(_spelled), _words(_stretched)]
    ways += [_words(_lookalikes), _words(_starred), _slipped]
    if language in {"tr", "kmr"}:
        ways += [_bare] * 4
    if language == "ckb":
        ways += [_arabic_keyboard] * 4
    return rng.choice(ways)(text, rng)


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
    return text.translate(_KEYBOARD)


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
