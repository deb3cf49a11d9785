"""The translated rows: what their checks refuse, and that the committed ones keep every rule."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[2] / "corpus"
TRANSLATED = CORPUS / "translated"

FAIR: list[Any] = ["cad:train:1", "ar-levantine", [], [], "اليس قالت انو القانون مو عادل، ومعها حق"]
RUDE: list[Any] = ["cad:train:2", "ar-iraqi", ["personal-attack"], ["انت غبي"], "بوب انت غبي وما تفتهم"]


@pytest.fixture(autouse=True)
def _scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CORPUS))


def comments() -> Mapping[str, Any]:
    """Return the comments of a small set, two English and one Turkish."""
    comment = importlib.import_module("sources").Comment
    return {
        "cad:train:1": comment("en", "alice says that the law is unfair, and she is right", "normal", False),
        "cad:train:2": comment("en", "bob you are an idiot", "hatespeech", True),
        "offenseval_tr:7": comment("tr", "charlie haklı", "NOT", False),
    }


def joined(folder: Path, *entries: list[Any], name: str = "ar-01.txt") -> tuple[list[dict[str, Any]], list[str]]:
    """Write the rows as a translator does; return the published rows and the faults in words."""
    file = folder / name
    file.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), encoding="utf-8")
    rows, faults = importlib.import_module("translated").join([file], comments())
    return rows, [str(fault) for fault in faults]


def test_a_row_keeps_the_source_its_licence_and_its_label_there(tmp_path: Path) -> None:
    (fair, rude), faults = joined(tmp_path, FAIR, RUDE)

    assert faults == []
    assert (fair["id"], fair["lang"], fair["clauses"], fair["quotes"]) == ("ar-cad:train:1", "ar", [], [])
    assert (rude["source"], rude["licence"], rude["original"]) == ("cad:train:2", "CC-BY-4.0", "hatespeech")
    assert rude["clauses"] == ["personal-attack"]
    assert rude["quotes"][0] in rude["text"]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ([*RUDE[:3], ["غبي انت"], RUDE[4]], "not an exact part of the text"),
        ([*RUDE[:2], ["rudeness"], *RUDE[3:]], "clause 'rudeness' is unknown"),
        ([*RUDE[:2], ["off-topic"], *RUDE[3:]], "cannot be judged without a story"),
        ([*RUDE[:3], [], RUDE[4]], "a violation needs a quote"),
        (["cad:train:3", *RUDE[1:]], "no comment 'cad:train:3' of another language"),
        (["cad:train:1", *RUDE[1:]], "the same source stands in ar-01.txt:1"),
        ([*RUDE[:2], [], [], FAIR[4] + "!"], "the same text stands in ar-01.txt:1"),
        ([RUDE[0], "fa-formal", *RUDE[2:]], "does not begin with the language"),
        ([*RUDE[:4], RUDE[4] + " "], "blanks at its ends"),
        (RUDE[:4], "a row is [source, variety, clauses, quotes, text]"),
    ],
)
def test_a_bad_row_is_named_with_its_line(tmp_path: Path, entry: list[Any], words: str) -> None:
    _, faults = joined(tmp_path, FAIR, entry)

    assert any("ar-01.txt:2: " in fault and words in fault for fault in faults)


def test_a_line_that_is_not_json_does_not_hide_the_next(tmp_path: Path) -> None:
    (tmp_path / "ar-02.txt").write_text(f'["cad\n{json.dumps(RUDE)}\n', encoding="utf-8")

    rows, faults = importlib.import_module("translated").join([tmp_path / "ar-02.txt"], comments())

    assert [row["source"] for row in rows] == ["cad:train:2"]
    assert "ar-02.txt:1: a row is [" in str(faults[0])


def test_one_comment_may_be_put_into_several_languages_but_not_into_its_own(tmp_path: Path) -> None:
    turkish = ["offenseval_tr:7", "kmr-amed", [], [], "charlie mafdar e"]
    kurmanji, faults = joined(tmp_path, [turkish[0], "kmr-bahdini", *turkish[2:]], name="kmr-01.txt")
    _, own = joined(tmp_path, [turkish[0], "tr-diacritics", *turkish[2:]], name="tr-01.txt")

    assert faults == []
    assert kurmanji[0]["id"] == "kmr-offenseval_tr:7"
    assert "no comment 'offenseval_tr:7' of another language" in own[0]


def test_the_committed_rows_keep_every_rule_and_are_those_of_the_translators_files() -> None:
    rules, sources = map(importlib.import_module, ("rules", "sources"))
    published = [
        json.loads(line)
        for file in sorted(TRANSLATED.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    written = [
        [file.stem.rsplit("-", 1)[0], *json.loads(line)]
        for file in sorted(TRANSLATED.glob("*-[0-9][0-9].txt"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]

    assert {(row["lang"], row["source"], row["text"]) for row in published} == {
        (lang, source, text) for lang, source, _, _, _, text in written
    }
    assert len({(row["lang"], row["source"]) for row in published}) == len(published)
    assert len({(row["lang"], rules.folded(row["text"])) for row in published}) == len(published)
    for row in published:
        assert list(sources.faults_of_label(row["text"], row["clauses"], row["quotes"])) == [], row["id"]
        assert row["licence"] == sources.LICENCES[sources.set_of(row["source"])]
        assert row["variety"].startswith(row["lang"])
