"""The open-licensed sets behind relabelled.py and translated.py: every comment with its source, label and licence.

Reads the folder of sets, and has the command line of both. It must not change a text beyond `cleaned`, nor a label.

A source names one comment for good: the set's name and, after colons, where the comment stands, which is the set's own
id, or else its place in the file, counted from 0 after the header. The set `corpus` is our own rows that are learned
from.
"""

from __future__ import annotations

import argparse
import csv
import html
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from expand import CORPUS, Fault, write_rows
from rules import CLAUSES, Row, is_fair

LICENCES = {
    "cad": "CC-BY-4.0",
    "corpus": "CC0-1.0",
    "davidson": "MIT",
    "hatexplain": "MIT",
    "jigsaw_ak": "CC0-1.0",
    "jigsaw_khanhhk": "CC0-1.0",
    "jigsaw_six": "CC0-1.0",
    "mlma": "MIT",
    "offenseval_tr": "CC-BY-2.0",
    "sms_spam": "CC-BY-4.0",
    "surge_toxicity": "MIT",
    "toxic_spans": "CC0-1.0",
    "youtube_spam": "CC-BY-4.0",
}
"""The licence under which each set is published, by SPDX identifier."""

JIGSAW = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
SPAN_TYPES = ("Insult", "Identity based Attack", "Profane/Obscene", "Threat", "Other Toxicity")


class Comment(NamedTuple):
    """A comment of a set: its text, its label as the set has it, and whether that label calls it abusive."""

    lang: str
    text: str
    original: Any
    abusive: bool


Join = Callable[[Sequence[Path], Mapping[str, Comment]], tuple[list[Row], list[Fault]]]
Table = Callable[[Sequence[Row], Mapping[str, Comment]], str]


def publish(description: str, folder: Path, join: Join, table: Table, arguments: Sequence[str] | None) -> int:
    """Run a command line that joins the files LANG-NN.txt of a folder with the sets; return its exit code.

    It writes LANG.jsonl beside them, or nothing where there is a fault.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("data", type=Path, help="the folder that holds the sets")
    parser.add_argument("--folder", type=Path, default=folder, help="the folder of the rows (default: ours)")
    parser.add_argument("--table", action="store_true", help="print the counts")
    options = parser.parse_args(arguments)
    comments = dict(read_comments(options.data))
    rows, faults = join(written(options.folder), comments)
    if not publish_rows(options.folder, rows, faults):
        return 1
    if options.table:
        print(table(rows, comments))
    return 0


def written(folder: Path) -> list[Path]:
    """Return the files LANG-NN.txt of a folder in order."""
    return sorted(folder.glob("*-[0-9][0-9].txt"))


def numbered(files: Sequence[Path]) -> Iterator[tuple[str, int, str, str]]:
    """Yield name, number from 1, language and text of each line of such files."""
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            yield file.name, number, file.stem.rsplit("-", 1)[0], line


def publish_rows(folder: Path, rows: Sequence[Row], faults: Sequence[Fault]) -> bool:
    """Write LANG.jsonl and say how many rows they have; where there is a fault, say each and write nothing."""
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return False
    for lang, count in write_rows(folder, rows):
        print(f"{lang}.jsonl: {count} rows, {sum(row['lang'] == lang and is_fair(row) for row in rows)} fair")
    return True


def faults_of_label(text: str, clauses: Sequence[str], quotes: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with a label, in words; nothing for a good one.

    No row is off-topic: these comments come without the story that would show it.
    """
    for clause in clauses:
        if clause not in CLAUSES or clause == "off-topic":
            yield f"clause {clause!r} is unknown or cannot be judged without a story"
    if len(set(clauses)) != len(clauses):
        yield "a clause is named twice"
    for quote in quotes:
        if not quote.strip() or quote not in text:
            yield f"quote {quote!r} is not an exact part of the text"
    if bool(clauses) != bool(quotes):
        yield "a violation needs a quote, a fair comment has none"


def faults_of_text(text: str) -> Iterator[str]:
    """Yield what is wrong with a text that somebody wrote, in words."""
    if not text or text != text.strip():
        yield "the text is empty or has blanks at its ends"


def set_of(source: str) -> str:
    """Return the name of the set that a source stands in."""
    return source.split(":", 1)[0]


def cleaned(text: str) -> str:
    """Return the text as its writer typed it: without a set's escapes, and without blanks and quotes around it."""
    plain = html.unescape(text).replace("[linebreak]", "\n").strip()
    if len(plain) > 1 and plain[0] == plain[-1] == '"':
        plain = plain.strip('"').strip()
    return "\n".join(line.strip() for line in plain.splitlines() if line.strip())


def read_comments(data: Path) -> Iterator[tuple[str, Comment]]:
    """Yield every comment of the sets with its source, in the sets' order."""
    for reader in (_cad_and_hatexplain, _jigsaw, _tweets, _toxic_spans, _surge, _spam, _offenseval_tr):
        yield from reader(data)
    yield from _corpus(CORPUS)


def _cad_and_hatexplain(data: Path) -> Iterator[tuple[str, Comment]]:
    for name in ("cad", "hatexplain"):
        for part in ("train", "val"):
            entries = json.loads((data / name / f"{part}.json").read_text(encoding="utf-8"))
            for place, (text, label) in enumerate(entries):
                yield f"{name}:{part}:{place}", Comment("en", cleaned(text), label, label != "normal")


def _jigsaw(data: Path) -> Iterator[tuple[str, Comment]]:
    for part in ("1", "2"):
        for place, row in enumerate(_csv(data / "jigsaw_khanhhk" / f"text_comment_{part}.csv")):
            toxic = int(row["labels"])
            yield f"jigsaw_khanhhk:{part}:{place}", Comment("en", cleaned(row["comment_text"]), toxic, bool(toxic))
    for row in _csv(data / "jigsaw_ak" / "toxic_comments.csv"):
        toxic = int(row["toxic"])
        yield f"jigsaw_ak:{row['']}", Comment("en", cleaned(row["text"]), toxic, bool(toxic))
    for row in _csv(data / "jigsaw_six" / "toxic_comments.csv"):
        if row["dataset"] == "train":
            labels = [label for label in JIGSAW if row[label] == "1"]
            yield f"jigsaw_six:{row['id']}", Comment("en", cleaned(row["comment_text"]), labels, bool(labels))


def _tweets(data: Path) -> Iterator[tuple[str, Comment]]:
    for row in _csv(data / "davidson" / "labeled_data.csv"):
        votes = {label: int(row[label]) for label in ("hate_speech", "offensive_language", "neither")}
        yield f"davidson:{row['']}", Comment("en", cleaned(row["tweet"]), votes, row["class"] != "2")
    for row in _csv(data / "mlma" / "en_dataset.csv"):
        label = row["sentiment"]
        yield f"mlma:{row['HITId']}", Comment("en", cleaned(row["tweet"]), label, label != "normal")


def _toxic_spans(data: Path) -> Iterator[tuple[str, Comment]]:
    types: dict[str, set[str]] = defaultdict(set)
    for row in _csv(data / "toxic_spans" / "spans.csv"):
        if row["type"] in SPAN_TYPES:
            types[row["annotation"]].add(row["type"])
    readers: dict[str, list[set[str]]] = defaultdict(list)
    for row in _csv(data / "toxic_spans" / "annotations.csv"):
        readers[row["comment_id"]].append(types[row["annotation"]])
    for row in _csv(data / "toxic_spans" / "comments.csv"):
        found = readers[row["comment_id"]]
        toxic = sum(map(bool, found))
        marked = {name: sum(name in own for own in found) for name in SPAN_TYPES}
        original = {"annotators": len(found), "toxic": toxic} | {name: count for name, count in marked.items() if count}
        text = cleaned(row["comment_text"])
        yield f"toxic_spans:{row['comment_id']}", Comment("en", text, original, 2 * toxic > len(found))


def _surge(data: Path) -> Iterator[tuple[str, Comment]]:
    for place, row in enumerate(_csv(data / "surge_toxicity" / "toxicity_en.csv")):
        label = row["is_toxic"]
        yield f"surge_toxicity:{place}", Comment("en", cleaned(row["text"]), label, label == "Toxic")


def _spam(data: Path) -> Iterator[tuple[str, Comment]]:
    # Video 5 of the collection is kept for measuring the judge.
    for file in sorted((data / "youtube_spam").glob("Youtube0[1-4]-*.csv")):
        video = file.stem.removeprefix("Youtube0")[0]
        for place, row in enumerate(_csv(file)):
            text = cleaned(re.sub(r"<[^>]+>", " ", row["CONTENT"]).replace("\ufeff", ""))
            yield f"youtube_spam:{video}:{place}", Comment("en", text, row["CLASS"], row["CLASS"] == "1")
    for file in (data / "sms_spam").glob("spam.csv"):
        for place, row in enumerate(_csv(file)):
            yield f"sms_spam:{place}", Comment("en", cleaned(row["v2"]), row["v1"], row["v1"] == "spam")


def _offenseval_tr(data: Path) -> Iterator[tuple[str, Comment]]:
    file = data / "offenseval_tr" / "offenseval-tr-training-v1.tsv"
    for line in file.read_text(encoding="utf-8").rstrip("\n").split("\n"):
        id, text, label = line.split("\t")
        yield f"offenseval_tr:{id}", Comment("tr", cleaned(text), label, label == "OFF")


def _corpus(folder: Path) -> Iterator[tuple[str, Comment]]:
    for file in sorted(folder.glob("*.jsonl")):
        for row in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            if row["split"] == "train":
                yield f"corpus:{row['id']}", Comment(row["lang"], row["text"], row["clauses"], not is_fair(row))


def _csv(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", errors="replace", newline="") as opened:
        yield from csv.DictReader(opened)
