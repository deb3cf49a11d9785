"""Finds which groups of people a comment names. It says nothing of what is said about them.

The names stand in the corpus' `groups.toml`: neutral ones, by language; a star at the end means any ending.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from majlis import errors
from majlis.signals.text import read as fold

# Arabic and Sorani write "and", "the", "in", "to", "like" onto the word.
_BEFORE = {"ar": "(?:[وف]?(?:ال|بال|کال|لل|ب|ل|ک|كال|ك)?)", "ckb": "(?:و)?"}

Groups = Mapping[str, Mapping[str, re.Pattern[str]]]


def read(path: Path) -> Groups:
    """Return for each language and group a pattern to be searched in folded text.

    Raises:
        errors.Unreadable: the file is missing or is not a table of lists.
    """
    try:
        lists = tomllib.loads(path.read_text(encoding="utf-8"))
        return {
            language: {group: _pattern(language, words) for group, words in groups.items()}
            for language, groups in lists.items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise errors.Unreadable(
            f"{path} cannot be read: {error}.", hint="It holds a table of lists of names."
        ) from None


def named(groups: Groups, language: str, text: str) -> list[str]:
    """Return the groups that a comment in this language names, in the order of the list."""
    folded = _folded(text)
    return [group for group, pattern in groups.get(language, {}).items() if pattern.search(folded)]


def _folded(text: str) -> str:
    return " ".join(token.form for token in fold(text).words)


def _pattern(language: str, words: list[str]) -> re.Pattern[str]:
    forms = [re.escape(_folded(word.rstrip("*"))) + ("" if word.endswith("*") else r"(?!\w)") for word in words]
    return re.compile(rf"(?<!\w){_BEFORE.get(language, '')}(?:{'|'.join(forms)})")
