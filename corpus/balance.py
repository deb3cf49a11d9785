"""Count in how many fair and in how many violating rows each group of groups.toml is named.

A group is named when one of its words stands in the text: whole, or as a beginning where the list writes a
star. It must not decide what balance is enough; check.py does.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rules import Row, folded, is_fair

# Arabic and Sorani write "and", "the", "in", "to", "like" onto the word.
_BEFORE = {"ar": "(?:[وف]?(?:ال|بال|کال|لل|ب|ل|ک)?)", "ckb": "(?:و)?"}


class Mentions(NamedTuple):
    """How often one group is named in a language: in fair rows and in rows that break a clause."""

    lang: str
    group: str
    fair: int
    violating: int

    @property
    def all(self) -> int:
        """The number of rows that name the group."""
        return self.fair + self.violating


def read_groups(file: Path) -> dict[str, dict[str, re.Pattern[str]]]:
    """Return a pattern for each group of each language, to be searched in folded text."""
    with file.open("rb") as opened:
        lists: dict[str, dict[str, list[str]]] = tomllib.load(opened)
    return {lang: {group: _pattern(lang, words) for group, words in groups.items()} for lang, groups in lists.items()}


def mentions(rows: Sequence[Row], groups: dict[str, dict[str, re.Pattern[str]]]) -> list[Mentions]:
    """Return the table: every group of every language that has rows, in the order of the lists."""
    table = []
    for lang, patterns in groups.items():
        texts = [(folded(row["text"]), is_fair(row)) for row in rows if row["lang"] == lang]
        for group, pattern in patterns.items() if texts else ():
            named = [fair for text, fair in texts if pattern.search(text)]
            table.append(Mentions(lang, group, sum(named), len(named) - sum(named)))
    return table


def _pattern(lang: str, words: list[str]) -> re.Pattern[str]:
    forms = [re.escape(folded(word.rstrip("*"))) + ("" if word.endswith("*") else r"(?!\w)") for word in words]
    return re.compile(rf"(?<!\w){_BEFORE.get(lang, '')}(?:{'|'.join(forms)})")
