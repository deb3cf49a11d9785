"""Listed words: found in disguise, not found inside innocent words, doubted where they are quoted or denied."""

from __future__ import annotations

from pathlib import Path

import pytest

from majlis.domain.guidelines import CLAUSES
from majlis.signals import words
from majlis.signals.text import read

LEXICON = words.load()


def scores(text: str, language: str) -> dict[str, float]:
    return words.observe(LEXICON, read(text), language, frozenset()).scores


@pytest.mark.parametrize(
    ("text", "language", "quote"),
    [
        ("you fuuuuuck", "en", "fuuuuuck"),
        ("what a f*ck up", "en", "f*ck"),
        ("you $h1thead", "en", "$h1thead"),
        ("f u c k this", "en", "f u c k"),
        ("s.i.k.t.i.r git", "tr", "s.i.k.t.i.r"),
        ("ŞEREFSİZ", "tr", "ŞEREFSİZ"),
        ("serefsizler hepsi", "tr", "serefsizler"),
        ("يا شـــرمـــوطة", "ar", "شـــرمـــوطة"),
        ("والقحبة", "ar", "والقحبة"),
        ("سهكباب", "ckb", "سهكباب"),
        ("kucikbav", "kmr", "kucikbav"),
        ("ک.س.ک.ش", "fa", "ک.س.ک.ش"),
        ("fuсker", "en", "fuсker"),
    ],
)
def test_a_word_is_found_in_disguise_and_quoted_as_it_was_typed(text: str, language: str, quote: str) -> None:
    hits = LEXICON.find(read(text), language)
    assert quote in [text[hit.start : hit.end] for hit in hits if hit.score >= 0.7]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Scunthorpe and Essex pass the class assessment", "en"),
        ("Dick Cheney shot a cock pheasant", "en"),
        ("çok şık bir elbise, sıkıntı yok", "tr"),
        ("otobüs bizi eve götürür", "tr"),
        ("الكتاب والكسوة", "ar"),
        ("که گفت چه کسی کوه را دید", "fa"),
        ("wî ev kar kir", "kmr"),
        ("کاری باش کرا لە شارەکە", "ckb"),
    ],
)
def test_innocent_words_are_never_enough_to_reject(text: str, language: str) -> None:
    assert max(scores(text, language).values(), default=0.0) < 0.7


def test_a_quoted_or_denied_word_is_left_to_a_person() -> None:
    plain = scores("you asshole", "en")["profanity"]
    assert scores('he called her an "asshole" on air', "en")["profanity"] < 0.85 <= plain
    assert scores("he is not an asshole", "en")["profanity"] < 0.85


def test_an_animal_of_the_story_is_no_insult() -> None:
    text = read("الكلب ضاع قرب السوق")
    assert words.observe(LEXICON, text, "ar", frozenset({"کلب"})).scores == {}
    assert words.observe(LEXICON, text, "ar", frozenset()).scores["personal-attack"] < 0.5


def test_every_line_of_every_list_names_known_clauses_and_a_probability() -> None:
    for path in Path(words.FOLDER).iterdir():
        if path.suffix in {".txt", ".list"}:
            for entry in words.entries(path):
                assert entry.form
                assert set(entry.clauses) <= set(CLAUSES), entry
                assert 0 < entry.score < 1, entry


def test_no_name_of_a_people_or_a_faith_is_listed_by_itself() -> None:
    peoples = ["kurd", "turk", "arab", "jew", "muslim", "كردي", "عربي", "يهودي", "کورد", "عەرەب", "ermeni", "suriyeli"]
    for language in ("en", "tr", "ar", "ckb", "kmr", "fa"):
        for people in peoples:
            assert LEXICON.find(read(people), language) == []
