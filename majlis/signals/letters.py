"""Which letters count as the same when words are compared.

Only tables and the functions that read them. Nothing here knows a word, and nothing here changes what is
stored or shown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

DROP, SPACE, SYMBOL, WORD, MARK = range(5)
"""What a code point is to the reading of a comment."""

LATIN, LOOKALIKE, ARABIC, OTHER = 1, 2, 4, 8
"""Bits for the scripts of a word."""

# Honorific and phrase ligatures are one sign each: expanding U+FDFA would turn one letter into eighteen.
_LIGATURE_FIRST, _LIGATURE_LAST = 0xFDF0, 0xFDFF
_LONGEST_EXPANSION = 4

_ARABIC_FOLD = {
    "أ": "ا",
    "إ": "ا",
    "آ": "ا",
    "ٱ": "ا",
    "ٲ": "ا",
    "ٳ": "ا",
    "ي": "ی",
    "ى": "ی",
    "ې": "ی",
    "ۍ": "ی",
    "ے": "ی",
    "ك": "ک",
    "ڪ": "ک",
    "ھ": "ه",
    "ہ": "ه",
    "ۀ": "ه",
    "ة": "ه",
    "ۃ": "ه",
    "ؤ": "و",
    "ـ": "",
}

_DEEP_ARABIC = str.maketrans(
    {
        "ە": "ه",
        "ێ": "ی",
        "ئ": "ی",
        "ۆ": "و",
        "ۊ": "و",
        "ڕ": "ر",
        "ڵ": "ل",
        "ڤ": "ف",
        "پ": "ب",
        "چ": "ج",
        "گ": "ک",
        "ژ": "ز",
    }
)

_DEEP_LATIN = str.maketrans(
    {"ı": "i", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ə": "e"}
    | {c: unicodedata.normalize("NFD", c)[0] for c in "àáâãäåçèéêëìíîïñòóôõöùúûüýÿāēīōūčćěğģĩķļńňřśşšţťũůźžżșțǧḧẍ"}
)

_LOOKALIKES = str.maketrans(
    dict(
        zip(
            "аеорсухіјѕһԁԛԝвнкмтпгьлигзбѵꮯαβγδεηικμνορτυχωϲϳгӏաոսօցհզո",
            "aeopcyxijshdqwbhkmtnrbnurzbvcabydenikuvoptuxwcjrlanuoghqn",
            strict=True,
        )
    )
)

_SMALL_CAPITALS = str.maketrans(dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)))

_REPEATED = re.compile(r"(.)\1+", re.DOTALL)
_THREE = re.compile(r"(.)\1\1", re.DOTALL)

LEET = "0134578@$"
_LEET_FIRST = str.maketrans("0134578@$", "oieastbas")
_LEET_SECOND = str.maketrans("0134578@$9", "olehstbasg")


REMEMBERED = 65_536
"""Code points of which is remembered what they are."""


@lru_cache(maxsize=REMEMBERED)
def fold(char: str) -> tuple[int, str, int]:
    """Return (kind, folded letters, script bits) of one code point. Unassigned ones and surrogates are symbols."""
    category = unicodedata.category(char)
    if char == "\u00ad" or category in {"Cf", "Cc", "Cs", "Co", "Cn"}:
        return (SPACE, " ", 0) if char in "\t\n\r\v\f\x85" else (DROP, "", 0)
    if category[0] == "M":
        return MARK, char, 0
    if category[0] == "Z":
        return SPACE, " ", 0
    code = ord(char)
    if _LIGATURE_FIRST <= code <= _LIGATURE_LAST:
        return SYMBOL, char, 0
    letters = _letters(char)
    if not letters:
        return DROP, "", 0
    if not all(letter.isalnum() for letter in letters):
        return SYMBOL, char, 0
    return WORD, letters, _script(letters[0])


def compose(base: str, mark: str) -> str:
    """Return the Latin letter that `base` and `mark` write together, or `base` when there is none."""
    joined = unicodedata.normalize("NFC", base + mark)
    return joined if len(joined) == 1 and joined.isalpha() and ord(joined) < 0x250 else base


def deep(word: str) -> str:
    """Return the word as somebody writes it who lacks the letters: no diacritics, Kurdish on an Arabic keyboard."""
    return word.translate(_DEEP_LATIN).translate(_DEEP_ARABIC)


def unmask(word: str, scripts: int) -> str:
    """Return a word that mixes Latin with look-alikes of other scripts in Latin letters only."""
    if scripts & LATIN and scripts & LOOKALIKE:
        return word.translate(_LOOKALIKES)
    return word


def latinised(word: str) -> str:
    """Return the Latin word that look-alikes of other scripts spell."""
    return word.translate(_LOOKALIKES)


def unleet(word: str) -> tuple[str, ...]:
    """Return the readings of a word in which digits and signs stand for letters; none where it has none of them."""
    if not any(sign in word for sign in LEET):
        return ()
    return word.translate(_LEET_FIRST), word.translate(_LEET_SECOND)


def squeeze(word: str, keep: int = 1) -> str:
    """Return the word with every run of one letter cut to `keep` letters."""
    return _REPEATED.sub(lambda run: run.group()[:keep], word)


def stretched(word: str) -> bool:
    """Whether some letter stands three times or more in a row."""
    return _THREE.search(word) is not None


def _letters(char: str) -> str:
    expanded = unicodedata.normalize("NFKC", char)
    if len(expanded) > _LONGEST_EXPANSION:
        return char
    lowered = expanded.replace("İ", "i").lower().translate(_SMALL_CAPITALS)
    folded = "".join(_ARABIC_FOLD.get(letter, letter) for letter in lowered)
    return "".join(str(unicodedata.digit(c, c)) for c in folded if not unicodedata.combining(c)) if folded else ""


def _script(letter: str) -> int:
    code = ord(letter)
    if letter.isdigit():
        return 0
    if code < 0x250 or 0x1E00 <= code < 0x1F00:
        return LATIN
    if 0x370 <= code < 0x590 or 0xAB30 <= code < 0xABC0:
        return LOOKALIKE
    if 0x600 <= code < 0x780 or 0x8A0 <= code < 0x900 or 0xFB50 <= code < 0xFF00:
        return ARABIC
    return OTHER
