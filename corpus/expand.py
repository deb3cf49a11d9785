"""Turn the writers' compact batch files into the published rows, or check batch files with --check.

Reads corpus/batches/LANG-NN.txt, the second reader's corpus/blind/LANG-NN.txt and what was settled where the two
disagreed, corpus/settled/LANG.txt; writes corpus/LANG.jsonl. It must not change, invent or drop a comment.

    python3 corpus/expand.py --check corpus/batches/ckb-01.txt     errors with line numbers, exit code 1
    python3 corpus/expand.py                                       every batch into corpus/LANG.jsonl

A batch file: the first line is {"batch", "variety", "stories": {key: [title, summary]}}; every other line is
[story key, kind, clauses, quotes, text] with an optional object of "pair", "parent", "variety" at the end.
A blind file: every line is [row id, clauses]. A settled file: every line is [row id, kind, clauses, quotes,
reason].
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rules import CLAUSES, LANGUAGES, Row, faults_of_pair, faults_of_row, folded

CORPUS = Path(__file__).resolve().parent
MOST_ROWS = 50


class Fault(NamedTuple):
    """Something wrong in a file, at a line counted from 1."""

    file: str
    line: int
    words: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.words}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit code."""
    parser = argparse.ArgumentParser(description="Expand the corpus' batch files into one JSONL per language.")
    parser.add_argument("--check", nargs="+", type=Path, metavar="FILE", help="check these batch files, write nothing")
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="the folder that holds batches/ (default: here)")
    options = parser.parse_args(arguments)
    rows, faults = read_batches(options.check or batch_files(options.corpus), read_blind(options.corpus / "blind"))
    if not options.check and not faults:
        rows, faults = settle(rows, options.corpus / "settled")
    for fault in faults:
        print(fault, file=sys.stderr)
    if options.check:
        print(f"{len(rows)} rows, {len(faults)} errors")
    if faults:
        return 1
    if not options.check:
        for lang, count in write_rows(options.corpus, rows):
            print(f"{lang}.jsonl: {count} rows")
    return 0


def read_batches(files: Sequence[Path], blind: dict[str, list[str]]) -> tuple[list[Row], list[Fault]]:
    """Return the rows of the files in order, and every fault found in them, each with its file and line."""
    rows: list[tuple[Row, str, int]] = []
    faults: list[Fault] = []
    for file in files:
        for number, row in _read_batch(file, faults):
            row["blind"] = blind.get(row["id"])
            rows.append((row, file.name, number))
    for row, name, number in rows:
        faults += [Fault(name, number, words) for words in faults_of_row(row)]
    faults += _faults_between(rows)
    return [row for row, _, _ in rows], sorted(faults)


def read_blind(folder: Path) -> dict[str, list[str]]:
    """Return what the second reader labelled, by row id; a row rewritten since has a new id."""
    labels: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.txt")):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                id, clauses = json.loads(line)
                labels[id] = in_order(clauses)
    return labels


def batch_files(corpus: Path) -> list[Path]:
    """Return the batch files of a corpus, by language and number."""
    files = (file for file in (corpus / "batches").glob("*-*.txt") if file.stem.rpartition("-")[2].isdecimal())
    return sorted(files, key=lambda file: numbered(file.stem))


def numbered(batch: str) -> tuple[str, int]:
    """Return language and number of a batch, by which batches are in order."""
    lang, number = batch.rsplit("-", 1)
    return lang, int(number)


def settle(rows: Sequence[Row], folder: Path) -> tuple[list[Row], list[Fault]]:
    """Return the rows with the labels that were settled, and every fault in the settled files.

    A pair whose labels no longer differ is a pair no more.
    """
    settled: dict[str, dict[str, Any]] = {}
    faults: list[Fault] = []
    known = {row["id"]: row for row in rows}
    for file in sorted(folder.glob("*.txt")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            entry = _parsed(file, number, line, faults)
            if entry is None:
                continue
            if (words := _fault_of_settled(entry, known)) is not None:
                faults.append(Fault(file.name, number, words))
                continue
            id, kind, clauses, quotes, _ = entry
            changed = known[id] | {"kind": kind, "clauses": in_order(clauses), "quotes": quotes}
            faults += [Fault(file.name, number, words) for words in faults_of_row(changed)]
            settled[id] = changed
    after = [settled.get(row["id"], row) for row in rows]
    labels: dict[str, list[list[str]]] = defaultdict(list)
    for row in after:
        labels[str(row["pair"])].append(row["clauses"])
    flat = {pair for pair, both in labels.items() if len(both) == 2 and both[0] == both[1]}
    return [row | {"pair": None} if row["pair"] in flat else row for row in after], faults


def write_rows(folder: Path, rows: Sequence[Row]) -> Iterator[tuple[str, int]]:
    """Write one LANG.jsonl per language into the folder; yield each language with its number of rows."""
    for lang in LANGUAGES:
        own = [row for row in rows if row["lang"] == lang]
        if own:
            lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in own]
            (folder / f"{lang}.jsonl").write_text("".join(lines), encoding="utf-8")
            yield lang, len(own)


def split_of(batch: str) -> str:
    """Return the split of a batch: of every ten numbers of a language one is dev and one test, drawn by hash.

    A batch keeps its split when others are added; a batch (its stories, its pairs) stays whole.
    """
    lang, number = numbered(batch)
    ten, place = divmod(number - 1, 10)
    drawn = sorted(range(10), key=lambda seat: _hash(f"{lang} {ten} {seat}"))
    return {drawn[0]: "dev", drawn[1]: "test"}.get(place, "train")


def row_id(batch: str, title: str, parent: str | None, text: str) -> str:
    """Return the row's id: the batch and eight hex digits of what a reader judges (story, parent, text)."""
    return f"{batch}-{_hash(chr(0).join((title, parent or '', text)))[:8]}"


def in_order(clauses: Any) -> Any:
    """Return clause ids in the guidelines' order; anything else as it is, for the checks to name."""
    known = isinstance(clauses, list) and all(clause in CLAUSES for clause in clauses)
    return sorted(clauses, key=CLAUSES.index) if known else clauses


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _read_batch(file: Path, faults: list[Fault]) -> Iterator[tuple[int, Row]]:
    lines = list(enumerate(file.read_text(encoding="utf-8").split("\n"), start=1))
    header = _parsed(file, *lines[0], faults) if lines else None
    if (words := _fault_of_header(header, file)) is not None or header is None:
        faults.append(Fault(file.name, 1, words or "the file is empty"))
        return
    written = [(number, line) for number, line in lines[1:] if line.strip()]
    if len(written) > MOST_ROWS:
        faults.append(Fault(file.name, written[MOST_ROWS][0], f"more than {MOST_ROWS} comments in a batch"))
    for number, line in written:
        entry = _parsed(file, number, line, faults)
        if entry is None:
            continue
        if (words := _fault_of_entry(entry, header)) is not None:
            faults.append(Fault(file.name, number, words))
            continue
        yield number, _row(header, entry)


def _parsed(file: Path, number: int, line: str, faults: list[Fault]) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        faults.append(Fault(file.name, number, f"not JSON: {error.msg} at column {error.colno}"))
        return None


def _fault_of_header(header: Any, file: Path) -> str | None:
    if not isinstance(header, dict) or set(header) != {"batch", "variety", "stories"}:
        return 'the first line must be {"batch": …, "variety": …, "stories": {…}}'
    if header["batch"] != file.stem:
        return f"batch {header['batch']!r} stands in {file.name}"
    stories = header["stories"]
    if not isinstance(stories, dict) or not 1 <= len(stories) <= 5:
        return "a batch has one to five stories"
    if not all(isinstance(story, list) and len(story) == 2 for story in stories.values()):
        return "a story is [title, summary]"
    return None


def _fault_of_entry(entry: Any, header: dict[str, Any]) -> str | None:
    if not isinstance(entry, list) or len(entry) not in (5, 6):
        return "a comment is [story, kind, clauses, quotes, text] with an optional object"
    if entry[0] not in header["stories"]:
        return f"story {entry[0]!r} is not in the header"
    if len(entry) == 6 and (not isinstance(entry[5], dict) or set(entry[5]) - {"pair", "parent", "variety"}):
        return "the object at the end may hold pair, parent and variety"
    if not all(isinstance(value, list) and all(isinstance(part, str) for part in value) for value in entry[2:4]):
        return "clauses and quotes are lists of strings"
    return None if isinstance(entry[4], str) else "the text is not a string"


def _fault_of_settled(entry: Any, known: Mapping[str, Row]) -> str | None:
    if not isinstance(entry, list) or len(entry) != 5 or not isinstance(entry[0], str):
        return "a settled row is [row id, kind, clauses, quotes, reason]"
    if not isinstance(entry[4], str) or not entry[4].strip():
        return f"{entry[0]} is settled without a reason"
    return None if entry[0] in known else f"there is no row {entry[0]}; was it rewritten since?"


def _row(header: dict[str, Any], entry: list[Any]) -> Row:
    key, kind, clauses, quotes, text = entry[:5]
    more = entry[5] if len(entry) == 6 else {}
    title, summary = header["stories"][key]
    batch, parent = header["batch"], more.get("parent")
    return {
        "id": row_id(batch, title, parent, text),
        "lang": batch.rsplit("-", 1)[0],
        "text": text,
        "story": {"title": title, "summary": summary},
        "parent": parent,
        "clauses": in_order(clauses),
        "quotes": quotes,
        "kind": kind,
        "variety": more.get("variety", header["variety"]),
        "pair": more.get("pair"),
        "batch": batch,
        "split": split_of(batch),
        "blind": None,
    }


def _faults_between(rows: Sequence[tuple[Row, str, int]]) -> Iterator[Fault]:
    pairs: dict[str, list[tuple[Row, str, int]]] = defaultdict(list)
    seen: dict[str, tuple[Row, str, int]] = {}
    for entry in rows:
        row, name, number = entry
        if row["pair"] is not None:
            pairs[str(row["pair"])].append(entry)
        before, where, line = seen.setdefault(folded(row["text"]), entry)
        # Under another story or parent the same words may be judged differently: that is what a pair is for.
        if before is not row and (row["pair"] is None or row["pair"] != before["pair"]):
            yield Fault(name, number, f"the same text stands in {where}:{line}")
    for pair, entries in pairs.items():
        for words in faults_of_pair([row for row, _, _ in entries]):
            yield Fault(entries[0][1], entries[0][2], f"pair {pair}: {words}")


if __name__ == "__main__":
    sys.exit(main())
