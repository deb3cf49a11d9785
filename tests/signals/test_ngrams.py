"""N-grams: what of a text is counted, and how what was learned of them is added up and rounded."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from majlis.domain.decision import ANY
from majlis.learn import ngrams as learning
from majlis.learn.rows import Row
from majlis.signals import ngrams
from majlis.signals.classifier import HEADS
from majlis.signals.ngrams import BITS, Ngrams


def some(score: int, *texts: str) -> Ngrams:
    """N-grams of which those of the texts have a score in the first head."""
    table = np.zeros((2**BITS, len(HEADS)), dtype=np.int8)
    for text in texts:
        table[ngrams.rows(text), 0] = score
    return Ngrams(table, np.full(len(HEADS), 0.5, dtype=np.float32))


def test_the_letters_of_an_address_are_not_read() -> None:
    plain = ngrams.rows("the report is here").tolist()

    assert ngrams.rows("the report is here http://alice.example/cheap-casino").tolist() == plain
    assert ngrams.rows("the report is here www.bob.example").tolist() == plain


def test_a_text_without_words_says_nothing() -> None:
    assert some(9, "fool").logits("http://alice.example").tolist() == [0.0] * len(HEADS)
    assert some(9, "fool").logits("").tolist() == [0.0] * len(HEADS)


@given(st.lists(st.sampled_from(["fool", "bridge", "alice", "پرد", "köprü"]), min_size=1, max_size=12))
def test_what_is_said_again_is_counted_once(words: list[str]) -> None:
    text = " ".join(words)
    once, again = ngrams.rows(text).tolist(), ngrams.rows(f"{text} {text}").tolist()

    assert again == sorted(set(again))
    assert set(once) <= set(again)
    assert len(again) <= len(once) + 1  # the pair of the last word and the first


def test_what_is_learned_is_as_wide_as_asked_and_tells_what_it_was_taught() -> None:
    def row(text: str, broken: bool) -> Row:
        return Row(text=text, labels={head: float(broken) for head in HEADS}, source="", language="en", batch="")

    rows = [row(f"bob is a {word} number {n}", word == "fool") for n in range(60) for word in ("fool", "friend")]
    logits = np.random.default_rng(1).normal(0, 3, (len(rows), len(HEADS))).astype(np.float32)

    found = learning.rounded(learning.learn(rows, seed=1), rows, logits)

    said = np.stack([found.logits(learning.typed(one.text)) for one in rows])
    assert np.allclose(said.std(axis=0), learning.SHARE * logits.std(axis=0), rtol=0.05)
    first = HEADS.index(ANY)
    assert found.logits("carol is a fool")[first] > 1 > found.logits("carol is a friend")[first]


def test_whoever_lacks_letters_on_a_keyboard_is_read_as_others_are() -> None:
    for typed, usual in (
        ("cok guzel kopru", "çok güzel köprü"),
        ("dizi u xayin e", "dizî û xayîn e"),
        ("كورد", "کورد"),
    ):
        assert ngrams.rows(typed).tolist() == ngrams.rows(usual).tolist()
