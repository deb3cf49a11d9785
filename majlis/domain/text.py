"""What may be text at all, and the folded copy by which text is found again. It never changes what is stored."""

from __future__ import annotations

import re
import unicodedata

from majlis import errors

GROWTH = 4
"""How many times its bound a text may take once it is normalised: ﷺ alone grows elevenfold and is ordinary."""

_UNREAD = frozenset({"Cf", "Cc", "Zs", "Mn", "Mc", "Me"})
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and a symbol by category, that every font shows as nothing: the Hangul fillers and the blank of Braille."""

_NO_TEXT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NO_TEXT_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_FOLDED = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ە", "أ": "ا", "إ": "ا", "آ": "ا", "ـ": None})


def check_text(value: str, *, field: str, max_bytes: int, max_characters: int, lines: bool = False) -> str:
    """Return the value as it is if it can be kept.

    Args:
        value: what somebody sent.
        field: the field to blame.
        max_bytes: bound of the UTF-8 form; GROWTH times as much is allowed after NFKC.
        max_characters: bound in code points.
        lines: whether line breaks and tabs may stand in it.

    Raises:
        errors.InvalidInput: half a surrogate pair, a control character, or too long.
    """
    if len(value) > max_characters:
        raise errors.InvalidInput(
            f"The field {field} has {len(value)} characters; at most {max_characters} are allowed.", field=field
        )
    try:
        size = len(value.encode("utf-8"))
    except UnicodeEncodeError:
        raise errors.InvalidInput(
            f"The field {field} holds half of a surrogate pair, which is not a character.",
            hint="Send the text as UTF-8.",
            field=field,
        ) from None
    if size > max_bytes:
        raise errors.InvalidInput(f"The field {field} has {size} bytes; at most {max_bytes} are allowed.", field=field)
    if control := (_NO_TEXT_IN_LINES if lines else _NO_TEXT).search(value):
        raise errors.InvalidInput(
            f"The field {field} holds the control character U+{ord(control.group()):04X}.",
            hint="Remove it and send the text again.",
            field=field,
        )
    if len(unicodedata.normalize("NFKC", value).encode("utf-8")) > GROWTH * max_bytes:
        raise errors.InvalidInput(f"The field {field} is too long once its characters are normalised.", field=field)
    return value


def cleaned(value: str, *, lines: bool = False) -> str:
    """Return a text without what no text may hold: controls and halves of surrogate pairs."""
    return (_NO_TEXT_IN_LINES if lines else _NO_TEXT).sub("", value)


def is_blank(value: str) -> bool:
    """Return whether nothing in the value can be read: spaces, controls, fillers and marks without a letter only."""
    return all(
        character.isspace() or character in _FILLERS or unicodedata.category(character) in _UNREAD
        for character in value
    )


def search_form(value: str) -> str:
    """Return the copy of a text that searching compares: case, marks, tatweel and letter variants folded away."""
    if value.isascii():
        return " ".join(value.lower().split())
    plain = unicodedata.normalize("NFKD", value.casefold())
    kept = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(unicodedata.normalize("NFKC", kept).translate(_FOLDED).split())
