"""The tables of letters: learned from comments that have them, kept where they tell something, read back as written."""

from __future__ import annotations

from pathlib import Path

from majlis.learn import spelling
from majlis.learn.rows import Row
from majlis.signals.spelling import FILE, load


def row(text: str, language: str = "tr") -> Row:
    return Row(text=text, labels={}, source="ours", language=language, batch="x")


def test_a_letter_is_told_by_those_around_it() -> None:
    learned = spelling.learn([row("güneş doğdu"), row("su içtik, suyu içtik")])
    bare = "gunes dogdu, suyu ictik"
    given = learned.of(bare, "tr")
    assert given is not None
    assert [given(word) for word in bare.replace(",", "").split()] == ["güneş", "doğdu", "suyu", "içtik"]


def test_the_more_frequent_word_is_meant() -> None:
    learned = spelling.learn([row("acı acı açı"), row("kız ağladı")])
    given = learned.of("aci", "tr")
    assert given is not None
    assert given("aci") == "acı"


def test_comments_that_lack_their_letters_teach_nothing() -> None:
    assert spelling.learn([row("gunes dogdu her yerde")]).tables == {}


def test_the_tables_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    learned = spelling.learn(
        [row("güneş doğdu"), row("ev şîn e, bê min neçe", "kmr"), row("کوڕەکە زۆر باشە، دڵێم", "ckb")]
    )
    (tmp_path / FILE).write_text(spelling.written(learned), encoding="utf-8")
    assert load(tmp_path) == learned
    assert set(learned.tables) == {"tr", "kmr", "ckb"}
