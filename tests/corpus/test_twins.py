"""The twins: what their checks refuse, how training reads them, and that the committed ones keep every rule."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from majlis.domain.decision import ANY
from majlis.learn import rows as sets

CORPUS = Path(__file__).parents[2] / "corpus"
TWINS = CORPUS / "twins"

ROWS: dict[str, dict[str, Any]] = {
    "en-01-aa": {"clauses": ["personal-attack"], "split": "train", "pair": None},
    "en-01-bb": {"clauses": [], "split": "train", "pair": None},
    "en-02-cc": {"clauses": [], "split": "test", "pair": None},
    "en-03-dd": {"clauses": [], "split": "train", "pair": "en-p0001"},
    "en-cad:train:1": {"clauses": [], "licence": "CC-BY-4.0"},
}
FAIR: list[Any] = ["en-01-aa", [], [], "alice says that nobody here is a fool"]
RUDE: list[Any] = ["en-cad:train:1", ["personal-attack"], ["you fool"], "Read it again, bob, you fool"]


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CORPUS))


def joined(folder: Path, *entries: object) -> tuple[list[dict[str, Any]], list[str]]:
    """Write the twins as a writer does; return the published rows and the faults in words."""
    file = folder / "en-01.txt"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    originals = {id: {"id": id, "lang": "en", **row} for id, row in ROWS.items()}
    rows, faults = importlib.import_module("twins").join([file], originals)
    return rows, [str(fault) for fault in faults]


def test_a_twin_stands_under_the_licence_of_its_row(tmp_path: Path) -> None:
    (fair, rude), faults = joined(tmp_path, FAIR, RUDE)

    assert faults == []
    assert (fair["id"], fair["of"], fair["licence"], fair["clauses"]) == ("en-01-aa-twin", "en-01-aa", "CC0-1.0", [])
    assert (rude["licence"], rude["quotes"]) == ("CC-BY-4.0", ["you fool"])


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (["en-01-aa", *RUDE[1:]], "a twin is judged the other way"),
        (["en-01-bb", *FAIR[1:3], "bob is right"], "a twin is judged the other way"),
        (["en-02-cc", *RUDE[1:]], "is measured on and has no twin"),
        (["en-03-dd", *RUDE[1:]], "is one of a pair already"),
        (["en-09-ee", *RUDE[1:]], "no en row 'en-09-ee'"),
        (["en-01-bb", ["personal-attack"], ["you clown"], RUDE[3]], "not an exact part of the text"),
        (["en-01-bb", ["rudeness"], ["fool"], RUDE[3]], "clause 'rudeness' is unknown"),
        (["en-01-bb", *RUDE[1:3], RUDE[3] + " "], "blanks at its ends"),
        ([*FAIR[:3], "nobody is a fool, says alice"], "the same row or text stands in en-01.txt:1"),
        (FAIR[:3], "a twin is [id of the row, clauses, quotes, text]"),
        ("{", "a twin is [id of the row, clauses, quotes, text]"),
    ],
)
def test_a_bad_twin_is_named_with_its_line(tmp_path: Path, entry: object, words: str) -> None:
    _, faults = joined(tmp_path, FAIR, entry)

    assert any("en-01.txt:2: " in fault and words in fault for fault in faults), faults


def test_training_reads_a_twin_as_a_pair_with_its_row_and_under_its_story(tmp_path: Path) -> None:
    story = {"title": "A bridge", "summary": "It opens."}
    row: dict[str, Any] = {
        "id": "en-01-aa",
        "lang": "en",
        "text": "alice, you fool",
        "story": story,
        "parent": None,
        "kind": "blunt",
    }
    row |= {"clauses": ["personal-attack"], "quotes": ["you fool"], "split": "train", "batch": "en-01", "pair": None}
    twin: dict[str, Any] = {
        "id": "en-01-aa-twin",
        "lang": "en",
        "text": "alice is no fool",
        "of": "en-01-aa",
        "licence": "CC0-1.0",
    }
    twin |= {"clauses": [], "quotes": []}
    (tmp_path / "twins").mkdir()
    (tmp_path / "en.jsonl").write_text(json.dumps(row), encoding="utf-8")
    (tmp_path / "twins" / "en.jsonl").write_text(json.dumps(twin), encoding="utf-8")

    rude, fair = sets.corpus(tmp_path)

    assert (rude.labels[ANY], fair.labels[ANY]) == (1.0, 0.0)
    assert rude.pair == fair.pair == "en-01-aa"
    assert (fair.text, fair.title, fair.split, fair.kind) == ("alice is no fool", "A bridge", "train", "twin")
    assert sets.judged(tmp_path) == []


def test_the_committed_twins_keep_every_rule_and_are_those_of_the_writers_files() -> None:
    twins = importlib.import_module("twins")

    rows, faults = twins.join(sorted(TWINS.glob("*-[0-9][0-9].txt")), twins.read_originals(CORPUS))

    assert faults == []
    assert {row["id"]: row for row in rows} == {
        row["id"]: row
        for file in TWINS.glob("*.jsonl")
        for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())
    }
