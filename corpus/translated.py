"""Turn the rows put from open-licensed sets into another language into published rows, and check them.

Reads corpus/translated/LANG-NN.txt and the folder of sets; writes corpus/translated/LANG.jsonl.
It must not translate, label or change a text.

    python3 corpus/translated.py DATA            every row into corpus/translated/LANG.jsonl
    python3 corpus/translated.py DATA --table    beside that, the counts by language

Every line of a file is [source, variety, clauses, quotes, text]: the comment that was put into the language (sources.py
says what a source is), how the text is typed, and the text with its label under GUIDE.md. The label is given to the
text, not to the comment it comes from, whose own label is kept as `original`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from expand import Fault, in_order
from rules import CLAUSES, LANGUAGES, Row, folded, is_fair
from sources import LICENCES, Comment, faults_of_label, faults_of_text, numbered, publish, set_of

TRANSLATED = Path(__file__).resolve().parent / "translated"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    return publish("Expand the translated rows into one JSONL per language.", TRANSLATED, join, table, arguments)


def join(files: Sequence[Path], comments: Mapping[str, Comment]) -> tuple[list[Row], list[Fault]]:
    """Return the published rows of the files in order, and every fault found, each with its file and line."""
    rows: list[Row] = []
    faults: list[Fault] = []
    sources: dict[tuple[str, str], str] = {}
    texts: dict[tuple[str, str], str] = {}
    for name, number, lang, line in numbered(files):
        where = f"{name}:{number}"
        entry = _entry(line)
        if entry is None:
            faults.append(Fault(name, number, "a row is [source, variety, clauses, quotes, text]"))
            continue
        source, variety, clauses, quotes, text = entry
        comment = comments.get(source)
        if comment is None or comment.lang == lang:
            faults.append(Fault(name, number, f"no comment {source!r} of another language in the sets"))
            continue
        for seen, key, what in ((sources, source, "source"), (texts, folded(text), "text")):
            if (before := seen.setdefault((lang, key), where)) != where:
                faults.append(Fault(name, number, f"the same {what} stands in {before}"))
        faults += [Fault(name, number, words) for words in _faults_of_text(lang, variety, text)]
        faults += [Fault(name, number, words) for words in faults_of_label(text, clauses, quotes)]
        rows.append(
            {
                "id": f"{lang}-{source}",
                "lang": lang,
                "text": text,
                "variety": variety,
                "source": source,
                "licence": LICENCES[set_of(source)],
                "clauses": in_order(clauses),
                "quotes": quotes,
                "original": comment.original,
            }
        )
    return rows, faults


def table(rows: Sequence[Row], _: Mapping[str, Comment]) -> str:
    """Return a Markdown table: rows, fair rows and rows of each clause, by language."""
    langs = [lang for lang in LANGUAGES if any(row["lang"] == lang for row in rows)]
    lines = [f"| | {' | '.join(langs)} |", f"|---|{'--:|' * len(langs)}"]
    for name in ("rows", "fair", *CLAUSES):
        counts = [sum(_counts(name, row) for row in rows if row["lang"] == lang) for lang in langs]
        if any(counts):
            lines.append(f"| {name} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def _counts(name: str, row: Row) -> bool:
    return name == "rows" or (name == "fair" and is_fair(row)) or name in row["clauses"]


def _entry(line: str) -> tuple[str, str, list[str], list[str], str] | None:
    try:
        entry: Any = json.loads(line)
    except json.JSONDecodeError:
        return None
    match entry:
        case [str(source), str(variety), list(clauses), list(quotes), str(text)]:
            return source, variety, clauses, quotes, text
    return None


def _faults_of_text(lang: str, variety: str, text: str) -> Iterator[str]:
    if lang not in LANGUAGES:
        yield f"unknown language {lang!r}"
    if variety.split("-")[0] != lang:
        yield f"variety {variety!r} does not begin with the language"
    yield from faults_of_text(text)


if __name__ == "__main__":
    sys.exit(main())
