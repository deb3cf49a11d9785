"""Turn the twins of published rows into published rows, and check them.

A twin differs from its row as little as it can and is judged the other way: it teaches that meaning counts and not
words. Reads corpus/twins/LANG-NN.txt and the rows of corpus/ and corpus/relabelled/; writes corpus/twins/LANG.jsonl. It
must not label or change a text, nor give a twin to a row that is measured on.

    python3 corpus/twins.py            every twin into corpus/twins/LANG.jsonl

Every line of a file is [id of the row, clauses, quotes, text].
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from expand import CORPUS, Fault, in_order
from rules import Row, folded, is_fair
from sources import faults_of_label, faults_of_text, numbered, publish_rows, written

TWINS = CORPUS / "twins"
LICENCE = "CC0-1.0"
"""Of the corpus' own rows; a twin of another row stands under that row's licence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description="Expand the twins into one JSONL per language.")
    parser.add_argument("--folder", type=Path, default=TWINS, help="the folder of the twins (default: ours)")
    options = parser.parse_args(arguments)
    rows, faults = join(written(options.folder), read_originals(CORPUS))
    return 0 if publish_rows(options.folder, rows, faults) else 1


def read_originals(corpus: Path) -> dict[str, Row]:
    """Return by id every row that may have a twin."""
    files = [file for folder in (corpus, corpus / "relabelled") for file in sorted(folder.glob("*.jsonl"))]
    return {row["id"]: row for file in files for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())}


def join(files: Sequence[Path], originals: Mapping[str, Row]) -> tuple[list[Row], list[Fault]]:
    """Return the published twins of the files in order, and every fault found, each with its file and line."""
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: dict[str, str] = {}
    for name, number, lang, line in numbered(files):
        entry = _entry(line)
        if entry is None:
            faults.append(Fault(name, number, "a twin is [id of the row, clauses, quotes, text]"))
            continue
        of, clauses, quotes, text = entry
        original = originals.get(of)
        if original is None or original["lang"] != lang:
            faults.append(Fault(name, number, f"there is no {lang} row {of!r}; was it rewritten since?"))
            continue
        words = [*_faults_of_twin(original, clauses, text), *faults_of_label(text, clauses, quotes)]
        for key in (of, folded(text)):
            if key in seen:
                words.append(f"the same row or text stands in {seen[key]}")
            seen[key] = f"{name}:{number}"
        faults += [Fault(name, number, one) for one in words]
        rows.append(
            {
                "id": f"{of}-twin",
                "lang": lang,
                "text": text,
                "of": of,
                "licence": original.get("licence", LICENCE),
                "clauses": in_order(clauses),
                "quotes": quotes,
            }
        )
    return rows, faults


def _faults_of_twin(original: Row, clauses: Sequence[str], text: str) -> Iterator[str]:
    if original.get("split", "train") != "train":
        yield f"{original['id']} is measured on and has no twin"
    if original.get("pair"):
        yield f"{original['id']} is one of a pair already"
    if is_fair(original) != bool(clauses):
        yield "a twin is judged the other way: one of the two is fair"
    yield from faults_of_text(text)


def _entry(line: str) -> tuple[str, list[str], list[str], str] | None:
    try:
        entry: Any = json.loads(line)
    except json.JSONDecodeError:
        return None
    match entry:
        case [str(of), list(clauses), list(quotes), str(text)]:
            return of, clauses, quotes, text
    return None


if __name__ == "__main__":
    sys.exit(main())
