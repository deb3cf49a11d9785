"""Training: unknown labels stay unknown, marked words are marked, disguises keep the words, calibration keeps order."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from majlis.domain.decision import ANY
from majlis.domain.site import LANGUAGES
from majlis.learn import calibrate
from majlis.learn import rows as sets
from majlis.learn.disguise import disguised
from majlis.learn.finish import measure
from majlis.learn.linear import fit
from majlis.learn.mix import PUBLIC, drawn
from majlis.learn.rows import Row
from majlis.signals.classifier import HEADS


def a_row(text: str, clauses: list[str], batch: str, split: str, quotes: tuple[str, ...] = ()) -> str:
    story = {"title": "A bridge", "summary": "It opens on Monday."}
    return json.dumps(
        {"id": f"{batch}-aa", "lang": "en", "text": text, "story": story, "parent": None, "clauses": clauses}
        | {"batch": batch, "split": split, "quotes": quotes, "pair": "en-p1"}
    )


def scored(language: str, broken: bool) -> Row:
    return Row(text="", labels={ANY: float(broken)}, source="corpus", language=language, batch="")


def test_a_head_learns_from_its_known_labels_only() -> None:
    rows = sparse.csr_matrix(np.array([[1, 0], [0, 1], [1, 0], [0, 1]], dtype=np.float32))
    unknown = np.nan
    labels = np.array([[1, unknown], [0, unknown], [1, 0], [0, unknown]], dtype=np.float32)
    model = fit(rows, labels, np.ones_like(labels), seed=1, epochs=50)
    first, second = model.logits(rows)[0, 0], model.logits(rows)[1, 0]
    assert first > 0 > second
    assert model.weights[1, 1] == 0


def test_our_own_rows_answer_for_every_head_and_keep_story_pair_and_split(tmp_path: Path) -> None:
    lines = [a_row("Well done", [], "en-01", "train"), a_row("You fool", ["personal-attack"], "en-02", "test")]
    (tmp_path / "en.jsonl").write_text("\n".join(lines), encoding="utf-8")
    fair, attack = sets.corpus(tmp_path)
    assert set(fair.labels.values()) == {0.0}
    assert set(fair.labels) == set(HEADS)
    assert (attack.labels["personal-attack"], attack.labels[ANY], attack.split) == (1.0, 1.0, "test")
    assert (fair.title, fair.pair) == ("A bridge", "en-p1")


def test_rows_judged_anew_are_learned_from_and_never_measured(tmp_path: Path) -> None:
    (tmp_path / "relabelled").mkdir()
    (tmp_path / "translated").mkdir()
    row = {"id": "en-x:1", "lang": "en", "text": "Go home, you fool", "source": "x:1", "licence": "MIT"}
    told = row | {"original": "normal", "clauses": ["personal-attack"], "quotes": ["you fool"]}
    (tmp_path / "relabelled" / "en.jsonl").write_text(json.dumps(told), encoding="utf-8")
    put = told | {"lang": "kmr", "text": "Spas, xwendina baş", "clauses": [], "quotes": []}
    (tmp_path / "translated" / "kmr.jsonl").write_text(json.dumps(put, ensure_ascii=False), encoding="utf-8")
    rude, kind = sets.judged(tmp_path)
    assert (rude.split, kind.split) == ("train", "train")
    assert (rude.labels[ANY], rude.marks["personal-attack"]) == (1.0, [(9, 17, 1.0)])
    assert (kind.language, set(kind.labels.values())) == ("kmr", {0.0})
    assert sets.corpus(tmp_path) == []


def test_the_quotes_of_a_row_are_the_marked_words_of_its_clauses_and_of_no_other(tmp_path: Path) -> None:
    row = a_row("Thanks, you fool", ["personal-attack"], "en-01", "train", ("you fool",))
    (tmp_path / "en.jsonl").write_text(row, encoding="utf-8")
    marks = sets.corpus(tmp_path)[0].marks
    assert marks["personal-attack"] == marks[ANY] == [(8, 16, 1.0)]
    assert marks["threat"] == []


def test_a_comment_that_is_only_off_topic_says_nothing_about_being_rejected_for_its_words(tmp_path: Path) -> None:
    row = a_row("Who likes olives?", ["off-topic"], "en-01", "train", ("olives",))
    (tmp_path / "en.jsonl").write_text(row, encoding="utf-8")
    [found] = sets.corpus(tmp_path)
    assert ANY not in found.labels
    assert found.marks[ANY] == []


def test_of_a_public_set_no_more_comments_are_drawn_than_its_share() -> None:
    most, weight = PUBLIC["surge"]
    rows = [Row(text="x" * 2000, labels={}, source="surge", language="en", batch="") for _ in range(most + 5)]
    taken = drawn(rows)
    assert len(taken) == most
    assert {row.weight for row in taken} == {weight}
    assert max(len(row.text) for row in taken) < 1000


@given(st.lists(st.text("abcdeiostu", min_size=1, max_size=9), min_size=1, max_size=9), st.integers(0, 999))
def test_a_disguise_never_empties_a_comment_and_the_same_seed_gives_the_same(words: list[str], seed: int) -> None:
    text = " ".join(words)
    once, twice = (disguised(text, "tr", random.Random(seed)) for _ in range(2))
    assert once == twice
    assert once.strip()


@pytest.mark.parametrize("language", ["en", "ckb"])
def test_calibration_keeps_the_order_and_meets_the_base_rate(language: str) -> None:
    rng = np.random.default_rng(1)
    rows = [scored(language, broken) for broken in (False, True) for _ in range(200)]
    raw = np.zeros((len(rows), len(HEADS)), dtype=np.float32)
    raw[:, 0] = np.concatenate([rng.normal(-1, 1, 200), rng.normal(1, 1, 200)])
    slope, offset = calibrate.fit(raw, rows)
    place = LANGUAGES.index(language)
    chances = 1 / (1 + np.exp(-(raw[:, 0] * slope[0] + offset[place, 0])))
    natural = calibrate.NATURAL[ANY]
    mean = (1 - natural) * chances[:200].mean() + natural * chances[200:].mean()
    assert slope[0] > 0
    assert mean == pytest.approx(natural, abs=0.03)


def test_the_report_says_one_where_every_violation_outranks_every_fair_comment() -> None:
    raw = np.tile(np.array([[0.0], [1.0]], dtype=np.float32), (1, len(HEADS)))
    found = measure(raw, [scored("en", False), scored("en", True)])
    assert found["languages"]["en"] == found["clauses"][ANY] == 1.0
