"""Learns which letter stands where, from comments and headlines that were typed with all letters of their language.

It writes no file and knows no clause.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from majlis.learn.rows import Row
from majlis.signals.spelling import OWN, REACH, UNCLEAR, Spelling, contexts, framed, lacking, letter, lowered, reduced

_WORD = re.compile(r"[^\W\d_]+")


def learn(rows: Sequence[Row]) -> Spelling:
    """Return the tables of all languages that lack letters on foreign keyboards.

    A context is kept where it tells another letter than the shorter ones do: some thousands of a language.
    """
    tables = {language: _table(_words(_texts(rows, language), language), language) for language in OWN}
    return Spelling({language: table for language, table in tables.items() if table})


def written(spelling: Spelling) -> str:
    """Return the tables as the lines of their file."""
    lines = [
        f"{language}\t{around}\t{found}\n"
        for language, table in sorted(spelling.tables.items())
        for around, found in sorted(table.items())
    ]
    return "".join(lines)


def _texts(rows: Sequence[Row], language: str) -> Iterable[str]:
    own = [row for row in rows if row.language == language]
    return [row.text for row in own] + sorted({text for row in own for text in (row.title, row.summary)})


def _words(texts: Iterable[str], language: str) -> Counter[str]:
    return Counter(
        lowered(word, language) for text in texts if not lacking(text, language) for word in _WORD.findall(text)
    )


def _table(words: Mapping[str, int], language: str) -> dict[str, str]:
    """Return the letter by context, from the narrowest contexts to the widest."""
    asked = UNCLEAR[language]
    seen: list[dict[str, Counter[str]]] = [defaultdict(Counter) for _ in range(REACH + 1)]
    for word, times in words.items():
        plain = reduced(word, language)
        if len(plain) != len(word):
            continue
        whole = framed(plain)
        for place, right in enumerate(word, start=1):
            if whole[place] in asked:
                for near, around in enumerate(contexts(whole[:place], whole[place:])):
                    seen[near][around][right] += times
    table: dict[str, str] = {}
    for counted in seen:
        told = {}
        for around, found in counted.items():
            best, times = max(found.items(), key=lambda pair: (pair[1], pair[0]))
            now = letter(table, contexts(*around.split("|"))) or around[around.index("|") + 1]
            if now != best and times > found[now]:
                told[around] = best
        table |= told
    return table
