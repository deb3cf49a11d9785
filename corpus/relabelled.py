"""Join the labels given under GUIDE.md to comments of open-licensed sets with the texts of those sets.

Reads corpus/relabelled/LANG-NN.txt and the folder of sets; writes corpus/relabelled/LANG.jsonl.
It must not label, and must not change a text.

    python3 corpus/relabelled.py DATA            every labelled row into corpus/relabelled/LANG.jsonl
    python3 corpus/relabelled.py DATA --table    beside that, the new labels against the original ones

Every line of a label file is [source, clauses, quotes]; sources.py says what a source is.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from expand import Fault, in_order
from rules import Row, folded
from sources import LICENCES, Comment, faults_of_label, numbered, publish, set_of

LABELS = Path(__file__).resolve().parent / "relabelled"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    return publish("Join the relabelled rows with the texts of their sets.", LABELS, join, table, arguments)


def join(files: Sequence[Path], comments: Mapping[str, Comment]) -> tuple[list[Row], list[Fault]]:
    """Return the published rows of the label files in order, and every fault found, each with its file and line."""
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for name, number, lang, line in numbered(files):
        try:
            source, clauses, quotes = json.loads(line)
        except ValueError as error:
            faults.append(Fault(name, number, f"not [source, clauses, quotes] in JSON: {error}"))
            continue
        comment = comments.get(source)
        if comment is None or comment.lang != lang:
            faults.append(Fault(name, number, f"no {lang} comment {source!r} in the sets"))
            continue
        text = folded(comment.text)
        if text in seen:
            faults.append(Fault(name, number, f"{source} has the text of {seen[text]}"))
        seen[text] = source
        faults += [Fault(name, number, words) for words in faults_of_label(comment.text, clauses, quotes)]
        rows.append(_row(source, comment, in_order(clauses), quotes))
    return rows, faults


def table(rows: Sequence[Row], comments: Mapping[str, Comment]) -> str:
    """Return a Markdown table: for each set, how many rows it calls abusive or not, and how many of these are fair."""
    counts = Counter((set_of(row["source"]), comments[row["source"]].abusive, not row["clauses"]) for row in rows)
    lines = [
        "| set | rows | abusive there | of these fair here | not abusive there | of these a violation here |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name in sorted({name for name, _, _ in counts}):
        upheld, freed = counts[name, True, False], counts[name, True, True]
        caught, agreed = counts[name, False, False], counts[name, False, True]
        cells = (upheld + freed + caught + agreed, upheld + freed, freed, caught + agreed, caught)
        lines.append(f"| {name} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _row(source: str, comment: Comment, clauses: list[str], quotes: list[str]) -> Row:
    return {
        "id": f"{comment.lang}-{source}",
        "lang": comment.lang,
        "text": comment.text,
        "source": source,
        "licence": LICENCES[set_of(source)],
        "original": comment.original,
        "clauses": clauses,
        "quotes": quotes,
    }


if __name__ == "__main__":
    sys.exit(main())
