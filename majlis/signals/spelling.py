"""Gives a comment back the letters that it was typed without: Kurmanji and Turkish without diacritics, Sorani and
Persian on an Arabic keyboard.

Each letter is told from those around it in its word (Mihalcea and Nastase 2002, "Letter level learning for language
independent diacritics restoration"), by a table that `learn.spelling` makes. It is for the view that the encoder reads:
nothing here changes what is stored, shown or cited, and nothing here knows what a word means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from majlis import errors
from majlis.signals import letters

FILE = "spelling.tsv"

OWN = {"ckb": ("ە", "ێۆڕڵ"), "kmr": ("êîûşç",), "tr": ("ığşçöü",)}
"""By language the letters that a foreign keyboard lacks: of each group hardly a sentence has none."""

ARABIC_KEYBOARD = str.maketrans({"ە": "ه", "ێ": "ي", "ی": "ي", "ۆ": "و", "ڕ": "ر", "ڵ": "ل", "ک": "ك"})

REACH = 5
"""Letters to either side that are looked at; with more it is right no more often."""

FEW = 0.02
"""The share of a text's letters below which those of a group are missing, and not just few: with all letters, one text
in fifty has so few."""

_LACKED = str.maketrans("ەێۆڕڵ", "هیورل")

_YEH_KAF = {ord("ي"): "ی", ord("ى"): "ی", ord("ك"): "ک"}
_SAME: Mapping[str, Mapping[int, str]] = {"ckb": _YEH_KAF | {ord("ة"): "ە"}, "fa": _YEH_KAF}
"""Letters that another keyboard has in the place of these languages' own, and that stand for nothing else in them."""

_JOINED, _OLD_SORANI = "ه\u200c", re.compile("ه(?:\u200c|\\b)")
"""Before Unicode knew the letter, Sorani wrote it as another one and a joiner, and some keyboards still do; at the end
of a word the joiner is no part of it."""

_ALI_K: Mapping[int, str] = {ord(old): new for old, new in zip("ؤثضطذظ", "ۆپچگژڤ", strict=True)}
_IN_ALI_K = re.compile(r"ة\w")
"""Letters of Kurdish fonts from before Unicode, as some still type them, and how such a text is known."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """`tables` have by language the letter that stands in a context: see `contexts`."""

    tables: Mapping[str, Mapping[str, str]]

    def of(self, text: str, language: str) -> Callable[[str], str] | None:
        """Return what gives a word of this text its letters back; None where there is nothing to give."""
        modern, table = _modern(text, language), self.tables.get(language)
        if table is None or not _few(modern(text) if modern else text, language):
            return modern
        return lambda word: _restored(modern(word) if modern else word, language, table)


def lacking(text: str, language: str) -> bool:
    """Whether a text of a language in `OWN` has so few of its own letters that it was typed without them."""
    modern = _modern(text, language)
    return _few(modern(text) if modern else text, language)


def _few(text: str, language: str) -> bool:
    plain = unicodedata.normalize("NFC", text).lower()
    least = FEW * sum(map(str.isalpha, plain))
    return any(sum(map(plain.count, group)) < least for group in OWN[language])


def lowered(word: str, language: str) -> str:
    """Return the word in small letters; Turkish has two kinds of i."""
    return (word.replace("İ", "i").replace("I", "ı") if language == "tr" else word).lower()


def reduced(word: str, language: str) -> str:
    """Return a word in small letters as somebody types it who lacks the language's own."""
    return word.translate(_LACKED) if language == "ckb" else letters.deep(word)


UNCLEAR = {language: frozenset(reduced("".join(own), language)) for language, own in OWN.items()}
"""By language the letters that may stand for others."""


def framed(word: str) -> str:
    """Return a word between the signs of its ends, as `contexts` has them."""
    return f"^{word}$"


def contexts(before: str, after: str) -> list[str]:
    """Return what is around the first letter of `after`, from nothing on to `REACH` letters on either side."""
    return [f"{before[max(0, len(before) - near) :]}|{after[: 1 + near]}" for near in range(REACH + 1)]


def letter(table: Mapping[str, str], around: list[str]) -> str | None:
    """Return the letter that the widest known of these contexts tells."""
    return next((table[one] for one in reversed(around) if one in table), None)


def _restored(word: str, language: str, table: Mapping[str, str]) -> str:
    small = word.lower()
    plain = reduced(small, language)
    if len(plain) != len(word):
        return word
    asked, whole = UNCLEAR[language], framed(plain)
    out = []
    for place, (typed, low) in enumerate(zip(word, small, strict=True), start=1):
        bare = whole[place]
        found = letter(table, contexts(whole[:place], whole[place:])) or bare if bare in asked and low == bare else low
        out.append(_cased(found, language) if typed.isupper() else found)
    return "".join(out)


def _cased(small: str, language: str) -> str:
    return "İ" if small == "i" and language == "tr" else small.upper()


def _modern(text: str, language: str) -> Callable[[str], str] | None:
    """Return what gives a word of this text the letters that it surely means; None for languages without such."""
    same = _SAME.get(language)
    if same is None:
        return None
    if language == "ckb" and _IN_ALI_K.search(text):
        same = {**same, **_ALI_K}
    if language == "ckb" and _JOINED in text:
        return lambda word: _OLD_SORANI.sub("ە", word.translate(same))
    return lambda word: word.translate(same)


def load(folder: Path) -> Spelling:
    """Read the tables from a folder.

    Raises:
        errors.WeightsInvalid: the file is missing or damaged.
    """
    tables: dict[str, dict[str, str]] = {}
    try:
        for line in (folder / FILE).read_text(encoding="utf-8").splitlines():
            language, around, found = line.split("\t")
            tables.setdefault(language, {})[around] = found
    except (OSError, ValueError) as error:
        raise errors.WeightsInvalid(
            f"{FILE} cannot be read: {type(error).__name__}.", hint="Install the package again or train anew."
        ) from None
    if set(tables) != set(OWN):
        raise errors.WeightsInvalid(f"{FILE} does not fit this version.", hint="Train the classifier anew.")
    return Spelling(tables)
