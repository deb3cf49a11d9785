"""Training: unknown labels stay unknown, held-out rows stay out, the same rows give the same weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from scipy import sparse

from majlis.learn import rows as sets
from majlis.learn.linear import fit
from majlis.learn.train import held_out, matrix
from majlis.signals.classifier import ANY, HEADS


def a_row(text: str, clauses: list[str], batch: str, split: str) -> str:
    story = {"title": "A bridge", "summary": "It opens on Monday."}
    return json.dumps(
        {"lang": "en", "text": text, "story": story, "parent": None, "clauses": clauses, "batch": batch, "split": split}
    )


def test_a_head_learns_from_its_known_labels_only() -> None:
    rows = sparse.csr_matrix(np.array([[1, 0], [0, 1], [1, 0], [0, 1]], dtype=np.float32))
    unknown = np.nan
    labels = np.array([[1, unknown], [0, unknown], [1, 0], [0, unknown]], dtype=np.float32)
    model = fit(rows, labels, np.ones_like(labels), seed=1, epochs=50)
    first, second = model.logits(rows)[0, 0], model.logits(rows)[1, 0]
    assert first > 0 > second
    assert model.weights[1, 1] == 0


def test_the_same_seed_gives_the_same_weights() -> None:
    rows = matrix(["alice likes the bridge", "bob hates the bridge", "charlie built it"])
    labels = np.array([[0.0], [1.0], [0.0]], dtype=np.float32)
    one, two = (fit(rows, labels, np.ones_like(labels), seed=3) for _ in range(2))
    assert np.array_equal(one.weights, two.weights)


def test_our_own_rows_answer_for_every_head_and_keep_story_and_split(tmp_path: Path) -> None:
    lines = [a_row("Well done", [], "en-01", "train"), a_row("You fool", ["personal-attack"], "en-02", "test")]
    (tmp_path / "en.jsonl").write_text("\n".join(lines), encoding="utf-8")
    fair, attack = sets.corpus(tmp_path)
    assert set(fair.labels.values()) == {0.0}
    assert set(fair.labels) == set(HEADS)
    assert (attack.labels["personal-attack"], attack.labels[ANY], attack.split) == (1.0, 1.0, "test")
    assert fair.title == "A bridge"


def test_a_comment_that_is_only_off_topic_says_nothing_about_being_rejected_for_its_words(tmp_path: Path) -> None:
    (tmp_path / "en.jsonl").write_text(a_row("Who likes olives?", ["off-topic"], "en-01", "train"), encoding="utf-8")
    assert ANY not in sets.corpus(tmp_path)[0].labels


def test_the_corpus_own_dev_batches_are_held_out_and_no_others_of_it(tmp_path: Path) -> None:
    lines = [a_row(f"Comment {n}", [], f"en-{n:02}", "dev" if n == 3 else "train") for n in range(1, 12)]
    (tmp_path / "en.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert held_out(sets.corpus(tmp_path)) == {"en-03"}
