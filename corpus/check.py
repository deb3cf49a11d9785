"""Check the published corpus and print its tables: what continuous integration runs.

A broken rule (fields, quotes, pairs, duplicates, splits) makes the exit code 1. A goal of the whole corpus
that is not reached yet is reported, and fails only with --final. It must not change a row.

    python3 corpus/check.py [--final] [--corpus DIR]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from balance import mentions, read_groups
from expand import CORPUS, batch_files, numbered, read_batches, read_blind, row_id, settle, split_of
from goals import agreement, missed
from near import near_duplicates
from rules import CLAUSES, LANGUAGES, SPLITS, Row, faults_of_pair, faults_of_row, folded, is_fair

NEAR = 0.6
"""Jaccard of five-letter pieces from which two rows that are no pair count as one text written twice."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description="Check the corpus and print its tables.")
    parser.add_argument("--final", action="store_true", help="fail on a goal that is not reached yet")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="the folder of the JSONL files (default: here)")
    options = parser.parse_args(arguments)
    rows, faults = read_rows(options.corpus)
    if not faults:
        faults = list(broken_rules(rows))
    if faults:
        print("\n".join(faults))
        print(f"{len(faults)} rules broken")
        return 1
    written, _ = read_batches(batch_files(options.corpus), read_blind(options.corpus / "blind"))
    groups = mentions(rows, read_groups(CORPUS / "groups.toml"))
    print("\n".join(tables(rows, written or rows)))
    print("\nGroups named (fair / violating)")
    print("\n".join(f"  {name.lang:4}{name.group:24}{name.fair:5}{name.violating:5}" for name in groups if name.all))
    goals = [*missed(rows, written or rows, groups), *_unexpanded(rows, written, options.corpus)]
    print(f"\n{len(rows)} rows, no rule broken; goals not reached yet: {len(goals)}")
    print("\n".join(f"  not reached yet: {goal}" for goal in goals))
    return 1 if options.final and goals else 0


def read_rows(folder: Path) -> tuple[list[Row], list[str]]:
    """Return the rows of all LANG.jsonl files, and what is wrong with single rows, with file and line."""
    rows, faults = [], []
    for lang in LANGUAGES:
        file = folder / f"{lang}.jsonl"
        lines = file.read_text(encoding="utf-8").split("\n") if file.exists() else []
        for number, line in enumerate(lines, start=1):
            if not line:
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                faults.append(f"{file.name}:{number}: not JSON: {error.msg}")
                continue
            found = list(faults_of_row(row)) if isinstance(row, dict) else ["a row is an object"]
            if not found and row["lang"] != lang:
                found.append(f"language {row['lang']} in {file.name}")
            faults += [f"{file.name}:{number}: {words}" for words in found]
            rows.append(row)
    return rows, faults


def broken_rules(rows: Sequence[Row]) -> Iterator[str]:
    """Yield every broken rule between well-formed rows: ids, splits, stories, pairs, duplicates."""
    yield from _broken_ids(rows)
    yield from _broken_splits(rows)
    pairs = defaultdict(list)
    for row in rows:
        if row["pair"] is not None:
            pairs[row["pair"]].append(row)
    for pair, own in pairs.items():
        yield from (f"pair {pair}: {words}" for words in faults_of_pair(own))
    texts = [folded(row["text"]) for row in rows]
    for earlier, later, likeness in near_duplicates(texts, NEAR):
        first, second = rows[earlier], rows[later]
        if first["pair"] is None or first["pair"] != second["pair"]:
            yield f"{second['id']} is nearly {first['id']} (likeness {likeness:.2f})"


def tables(rows: Sequence[Row], written: Sequence[Row]) -> Iterator[str]:
    """Yield the lines of the tables: rows, splits, clauses, kinds and varieties by language.

    Agreement is counted on the rows as `written`, before what the readers disagreed on was settled.
    """
    langs = [lang for lang in LANGUAGES if any(row["lang"] == lang for row in rows)]
    yield f"{'':26}" + "".join(f"{lang:>7}" for lang in langs)
    by_lang = {lang: [row for row in rows if row["lang"] == lang] for lang in langs}

    def line(name: str, counts: dict[str, int]) -> str:
        return f"{name:26}" + "".join(f"{counts[lang]:7}" for lang in langs)

    yield line("rows", {lang: len(own) for lang, own in by_lang.items()})
    yield line("fair", {lang: sum(map(is_fair, own)) for lang, own in by_lang.items()})
    yield line("in pairs", {lang: sum(row["pair"] is not None for row in own) for lang, own in by_lang.items()})
    yield line("read blind", {lang: sum(row["blind"] is not None for row in own) for lang, own in by_lang.items()})
    for split in SPLITS:
        yield line(split, {lang: sum(row["split"] == split for row in own) for lang, own in by_lang.items()})
    yield "\nClauses"
    for clause in CLAUSES:
        yield line(clause, {lang: sum(clause in row["clauses"] for row in own) for lang, own in by_lang.items()})
    agreed = {lang: agreement([row for row in written if row["lang"] == lang]) for lang in langs}
    yield "\nAgreement of two readers (Krippendorff's alpha)"
    for clause in CLAUSES:
        values = (f"{agreed[lang][clause]:7.2f}" if clause in agreed[lang] else f"{'-':>7}" for lang in langs)
        yield f"{clause:26}" + "".join(values)
    yield "\nKinds"
    kinds = {lang: Counter(row["kind"] for row in own) for lang, own in by_lang.items()}
    for kind in sorted({row["kind"] for row in rows}):
        yield line(kind, {lang: kinds[lang][kind] for lang in langs})
    yield "\nVarieties"
    for variety, count in sorted(Counter(row["variety"] for row in rows).items()):
        yield f"{variety:26}{count:7}"


def _broken_ids(rows: Sequence[Row]) -> Iterator[str]:
    seen: set[str] = set()
    for row in rows:
        if row["id"] in seen:
            yield f"{row['id']} stands twice"
        seen.add(row["id"])
        if row["id"] != row_id(row["batch"], row["story"]["title"], row["parent"], row["text"]):
            yield f"{row['id']} is not the id of its text; run expand.py"


def _broken_splits(rows: Sequence[Row]) -> Iterator[str]:
    stories: dict[tuple[str, str], str] = {}
    for row in rows:
        if row["split"] != split_of(row["batch"]):
            yield f"{row['id']} stands in {row['split']}, its batch in {split_of(row['batch'])}"
        title = (row["lang"], folded(row["story"]["title"]))
        if stories.setdefault(title, row["split"]) != row["split"]:
            yield f"{row['id']}: the story {row['story']['title']!r} is in two splits"


def _unexpanded(rows: Sequence[Row], written: Sequence[Row], folder: Path) -> Iterator[str]:
    settled, faults = settle(written, folder / "settled")
    yield from map(str, faults)
    if written and settled != sorted(rows, key=lambda row: numbered(row["batch"])):
        yield f"the batches hold {len(written)} rows, the JSONL files {len(rows)} or others; run expand.py"


if __name__ == "__main__":
    sys.exit(main())
