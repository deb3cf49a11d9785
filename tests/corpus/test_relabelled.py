"""The relabelled rows: each committed row keeps the rules, and labels join the texts of their sets exactly."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[2] / "corpus"
FIELDS = ["id", "lang", "text", "source", "licence", "original", "clauses", "quotes"]

SETS = {
    "cad/train.json": '[["alice is no fool", "normal"], '
    '["Right. [linebreak]  [linebreak] bob is a dim man", "hatespeech"]]',
    "cad/val.json": "[]",
    "hatexplain/train.json": "[]",
    "hatexplain/val.json": "[]",
    "jigsaw_khanhhk/text_comment_1.csv": "comment_text,labels\n",
    "jigsaw_khanhhk/text_comment_2.csv": "comment_text,labels\n",
    "jigsaw_ak/toxic_comments.csv": ",text,toxic\n",
    "jigsaw_six/toxic_comments.csv": "id,comment_text,toxic,severe_toxic,obscene,threat,insult,identity_hate,dataset\n"
    "a1,bob must go,1,0,0,0,1,0,train\nb2,bob may stay,0,0,0,0,0,0,test\n",
    "davidson/labeled_data.csv": ",count,hate_speech,offensive_language,neither,class,tweet\n"
    "7,3,0,1,2,2,charlie &amp; co are fine\n",
    "mlma/en_dataset.csv": "HITId,tweet,sentiment,directness,annotator_sentiment,target,group\n",
    "toxic_spans/comments.csv": "comment_id,comment_text\n31,ALICE is no fool!\n32,What a clown bob is\n",
    "toxic_spans/annotations.csv": "annotation,comment_id,worker,country,all toxic,not toxic\n0,32,1,USA,False,False\n"
    "1,32,2,USA,False,True\n",
    "toxic_spans/spans.csv": "annotation,type,start,end\n0,Insult,7,12\n",
    "surge_toxicity/toxicity_en.csv": "text,is_toxic\n",
    "offenseval_tr/offenseval-tr-training-v1.tsv": "11\tBu yol bitmez\tNOT\n",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of sets with a few comments in each format."""
    for name, text in SETS.items():
        file = tmp_path / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "data"


def label(data: Path, *lines: list[Any], lang: str = "en") -> subprocess.CompletedProcess[str]:
    """Write the lines as one portion and join them with the sets."""
    labels = data.parent / "labels"
    labels.mkdir(exist_ok=True)
    (labels / f"{lang}-01.txt").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    command = [sys.executable, str(CORPUS / "relabelled.py"), str(data), "--folder", str(labels), "--table"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def published(data: Path, lang: str = "en") -> list[dict[str, Any]]:
    """Return the rows that the join wrote."""
    return [json.loads(line) for line in (data.parent / "labels" / f"{lang}.jsonl").open(encoding="utf-8")]


@pytest.mark.parametrize("lang", ["en", "tr"])
def test_every_committed_row_keeps_the_rules(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    monkeypatch.syspath_prepend(str(CORPUS))
    rules, sources = map(importlib.import_module, ("rules", "sources"))
    rows = [json.loads(line) for line in (CORPUS / "relabelled" / f"{lang}.jsonl").open(encoding="utf-8")]

    assert rows
    assert len({row["source"] for row in rows}) == len({rules.folded(row["text"]) for row in rows}) == len(rows)
    for row in rows:
        assert list(row) == FIELDS
        assert (row["id"], row["lang"]) == (f"{lang}-{row['source']}", lang)
        assert row["licence"] == sources.LICENCES[sources.set_of(row["source"])]
        assert list(sources.faults_of_label(row["text"], row["clauses"], row["quotes"])) == []


def test_a_label_is_joined_with_the_text_the_licence_and_the_original_label(data: Path) -> None:
    result = label(data, ["cad:train:1", ["personal-attack"], ["a dim man"]], ["jigsaw_six:a1", [], []])

    assert result.returncode == 0, result.stderr
    rude, fair = published(data)
    assert rude == {
        "id": "en-cad:train:1",
        "lang": "en",
        "text": "Right.\nbob is a dim man",
        "source": "cad:train:1",
        "licence": "CC-BY-4.0",
        "original": "hatespeech",
        "clauses": ["personal-attack"],
        "quotes": ["a dim man"],
    }
    assert (fair["original"], fair["licence"], fair["clauses"]) == (["toxic", "insult"], "CC0-1.0", [])


def test_the_votes_of_several_annotators_are_kept(data: Path) -> None:
    label(data, ["davidson:7", [], []], ["toxic_spans:32", ["personal-attack"], ["clown"]])

    tweet, comment = published(data)
    assert tweet["text"] == "charlie & co are fine"
    assert tweet["original"] == {"hate_speech": 0, "offensive_language": 1, "neither": 2}
    assert comment["original"] == {"annotators": 2, "toxic": 1, "Insult": 1}


def test_turkish_rows_go_into_a_file_of_their_own(data: Path) -> None:
    assert label(data, ["offenseval_tr:11", [], []], lang="tr").returncode == 0

    assert [row["text"] for row in published(data, "tr")] == ["Bu yol bitmez"]
    assert not (data.parent / "labels" / "en.jsonl").exists()


def test_the_table_shows_what_the_guide_judges_differently(data: Path) -> None:
    result = label(data, ["cad:train:0", [], []], ["cad:train:1", [], []])

    assert "| cad | 2 | 1 | 1 | 1 | 0 |" in result.stdout


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (["cad:train:1", ["personal-attack"], ["a dim  man"]], "not an exact part of the text"),
        (["cad:train:1", ["rudeness"], ["a dim man"]], "clause 'rudeness' is unknown"),
        (["cad:train:1", ["off-topic"], ["a dim man"]], "cannot be judged without a story"),
        (["cad:train:1", ["threat", "threat"], ["a dim man"]], "a clause is named twice"),
        (["cad:train:1", ["personal-attack"], []], "a violation needs a quote"),
        (["cad:train:1", [], ["a dim man"]], "a fair comment has none"),
        (["toxic_spans:31", [], []], "toxic_spans:31 has the text of cad:train:0"),
        (["cad:train:0", [], []], "cad:train:0 has the text of cad:train:0"),
        (["cad:train:1", []], "not [source, clauses, quotes] in JSON"),
        (["cad:train:9", [], []], "no en comment 'cad:train:9'"),
        (["offenseval_tr:11", [], []], "no en comment 'offenseval_tr:11'"),
        (["jigsaw_six:b2", [], []], "no en comment 'jigsaw_six:b2'"),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_nothing_is_written(data: Path, line: list[Any], words: str) -> None:
    result = label(data, ["cad:train:0", [], []], line)

    assert result.returncode == 1
    assert "en-01.txt:2: " in result.stderr
    assert words in result.stderr
    assert not (data.parent / "labels" / "en.jsonl").exists()
