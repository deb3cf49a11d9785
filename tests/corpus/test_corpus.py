"""The corpus' checker: the committed rows keep every rule, and each broken rule is named where it stands."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

CORPUS = Path(__file__).parents[2] / "corpus"

HEADER: dict[str, Any] = {
    "batch": "en-01",
    "variety": "en-uk",
    "stories": {"s1": ["Library hours cut", "The town library will close at four."]},
}
FAIR: list[Any] = [
    "s1",
    "government-criticism",
    [],
    [],
    "Four o'clock is when alice and her class get there. Shameful budget.",
]
RUDE: list[Any] = [
    "s1",
    "insult-reader",
    ["personal-attack"],
    ["you dim little man"],
    "Read a book, bob, you dim little man.",
]


def run(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script of the corpus as a writer does."""
    command = [sys.executable, str(CORPUS / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def batch(folder: Path, *rows: list[Any], header: dict[str, Any] = HEADER) -> Path:
    """Write a batch file into the folder's batches."""
    file = folder / "batches" / f"{header['batch']}.txt"
    file.parent.mkdir(exist_ok=True)
    file.write_text("\n".join(json.dumps(line) for line in (header, *rows)) + "\n", encoding="utf-8")
    return file


def expanded(folder: Path, *rows: list[Any]) -> list[dict[str, Any]]:
    """Write a batch, expand it and return the published rows."""
    batch(folder, *rows)
    assert run("expand.py", "--corpus", folder).returncode == 0
    return [json.loads(line) for line in (folder / "en.jsonl").read_text(encoding="utf-8").splitlines()]


def publish(folder: Path, *rows: dict[str, Any]) -> None:
    """Write rows as if somebody had edited the JSONL by hand."""
    (folder / "en.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_the_committed_rows_keep_every_rule() -> None:
    result = run("check.py")

    assert result.returncode == 0, result.stdout


def test_a_good_batch_becomes_rows_of_the_published_schema(tmp_path: Path) -> None:
    fair, rude = expanded(tmp_path, FAIR, RUDE)

    assert fair["clauses"] == []
    assert fair["story"] == {"title": "Library hours cut", "summary": "The town library will close at four."}
    assert (rude["lang"], rude["batch"], rude["variety"], rude["blind"]) == ("en", "en-01", "en-uk", None)
    assert rude["quotes"][0] in rude["text"]
    assert run("check.py", "--corpus", tmp_path).returncode == 0


def test_expanding_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    expanded(tmp_path, FAIR, RUDE)
    first = (tmp_path / "en.jsonl").read_bytes()

    expanded(tmp_path, FAIR, RUDE)

    assert (tmp_path / "en.jsonl").read_bytes() == first


def test_the_second_readers_label_stands_beside_the_first_and_leaves_with_a_rewritten_text(tmp_path: Path) -> None:
    _, rude = expanded(tmp_path, FAIR, RUDE)
    (tmp_path / "blind").mkdir()
    (tmp_path / "blind" / "en-01.txt").write_text(json.dumps([rude["id"], ["off-topic", "personal-attack"]]))

    _, read = expanded(tmp_path, FAIR, RUDE)
    _, rewritten = expanded(tmp_path, FAIR, [*RUDE[:4], "Read two books, bob, you dim little man."])

    assert read["blind"] == ["personal-attack", "off-topic"]
    assert rewritten["blind"] is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([*RUDE[:3], ["you dim man"], RUDE[4]], "not an exact part of the text"),
        (["s1", "insult-reader", ["rudeness"], ["dim"], RUDE[4]], "unknown clause 'rudeness'"),
        (["s1", "insult-reader", ["threat"], ["dim"], RUDE[4]], "promises personal-attack"),
        (["s1", "rant", [], [], RUDE[4]], "unknown kind 'rant'"),
        (["s9", *RUDE[1:]], "story 's9' is not in the header"),
        ([*RUDE[:3], [], RUDE[4]], "a violation needs a quote"),
        ([*FAIR[:4], "No"], "text has 1 words"),
        ([*FAIR[:4], FAIR[4].upper()], "the same text stands in en-01.txt:2"),
        ([*RUDE, {"pair": "en-p1"}], "a pair has two rows, this has 1"),
        ([*RUDE, {"variety": "fr"}], "does not begin with the language"),
        ([*RUDE, {"mood": "cross"}], "may hold pair, parent and variety"),
    ],
)
def test_a_bad_line_of_a_batch_is_named_with_its_number(tmp_path: Path, line: list[Any], words: str) -> None:
    file = batch(tmp_path, FAIR, line)

    result = run("expand.py", "--check", file)

    assert result.returncode == 1
    assert "en-01.txt:3: " in result.stderr
    assert words in result.stderr


def test_a_line_that_is_not_json_does_not_hide_the_next(tmp_path: Path) -> None:
    file = batch(tmp_path, FAIR)
    with file.open("a", encoding="utf-8") as opened:
        opened.write('["s1", "praise", [], []\n["s1", "gossip", [], [], "alice told bob"]\n')

    result = run("expand.py", "--check", file)

    assert "en-01.txt:3: not JSON" in result.stderr
    assert "en-01.txt:4: unknown kind 'gossip'" in result.stderr


def test_a_pair_whose_label_does_not_flip_is_refused(tmp_path: Path) -> None:
    file = batch(
        tmp_path,
        [*FAIR[:4], "charlie is no fool", {"pair": "en-p1"}],
        [*FAIR[:4], "charlie is not a fool", {"pair": "en-p1"}],
    )

    assert "the label must flip" in run("expand.py", "--check", file).stderr


def test_a_pair_may_be_one_text_under_two_parents(tmp_path: Path) -> None:
    text = "You dim little man is what he called me."
    file = batch(
        tmp_path,
        ["s1", "quoting-abuse", [], [], text, {"pair": "en-p1"}],
        [
            "s1",
            "insult-reader",
            ["personal-attack"],
            ["dim"],
            text,
            {"pair": "en-p1", "parent": "I said no such thing."},
        ],
    )

    assert run("expand.py", "--check", file).returncode == 0


def test_a_nearly_equal_text_in_the_published_rows_is_found(tmp_path: Path) -> None:
    expanded(tmp_path, FAIR, [*FAIR[:4], FAIR[4].replace("Shameful", "Shameless")])

    result = run("check.py", "--corpus", tmp_path)

    assert result.returncode == 1
    assert "is nearly en-01-" in result.stdout


def test_a_row_moved_to_another_split_is_found(tmp_path: Path) -> None:
    fair, rude = expanded(tmp_path, FAIR, RUDE)
    publish(tmp_path, fair, {**rude, "split": "test" if rude["split"] != "test" else "train"})

    result = run("check.py", "--corpus", tmp_path)

    assert result.returncode == 1
    assert f"{rude['id']} stands in" in result.stdout


def test_an_edited_text_no_longer_fits_its_id(tmp_path: Path) -> None:
    fair, rude = expanded(tmp_path, FAIR, RUDE)
    publish(tmp_path, {**fair, "text": "Nothing to see here."}, rude)

    assert f"{fair['id']} is not the id of its text" in run("check.py", "--corpus", tmp_path).stdout


def test_a_goal_not_reached_is_reported_and_fails_only_at_the_end(tmp_path: Path) -> None:
    expanded(tmp_path, FAIR, RUDE)

    now, final = run("check.py", "--corpus", tmp_path), run("check.py", "--final", "--corpus", tmp_path)

    assert "not reached yet: en: 2 of 2000 rows" in now.stdout
    assert (now.returncode, final.returncode) == (0, 1)


def test_of_every_ten_batches_one_is_dev_and_one_is_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(CORPUS))
    split_of = importlib.import_module("expand").split_of

    for lang in ("en", "ckb", "fa"):
        splits = [split_of(f"{lang}-{number:02}") for number in range(1, 41)]
        for start in range(0, 40, 10):
            assert sorted(splits[start : start + 10]) == ["dev", "test", *["train"] * 8]


def test_agreement_is_one_when_readers_agree_and_falls_below_zero_when_they_never_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(CORPUS))
    alpha = importlib.import_module("goals").alpha

    assert alpha([True, False, False], [True, False, False]) == 1.0
    assert alpha([True, False], [False, True]) < 0
    # Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", the example of two coders and binary data.
    first = [False, True, False, False, False, False, False, False, True, False]
    second = [True, True, True, False, False, True, False, False, False, False]
    assert alpha(first, second) == pytest.approx(0.095, abs=0.001)


@given(st.lists(st.text(alphabet="ab ", max_size=12), max_size=12), st.sampled_from([0.3, 0.6, 0.9]))
def test_the_near_duplicates_are_those_that_comparing_all_with_all_finds(texts: list[str], threshold: float) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(CORPUS))
        near = importlib.import_module("near")
    sets = [near.pieces(text) for text in texts]

    found = {(earlier, later) for earlier, later, _ in near.near_duplicates(texts, threshold)}

    assert found == {
        (earlier, later)
        for later, own in enumerate(sets)
        for earlier, other in enumerate(sets[:later])
        if len(own & other) / len(own | other) >= threshold
    }
