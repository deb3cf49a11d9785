"""The normal form: what counts as the same word, and the way back to the reader's own code points."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from majlis.signals import letters
from majlis.signals.text import _forms, digest, read
from tests.conftest import seconds_of

ANY_TEXT = st.text(st.characters(), max_size=200)


def forms(text: str) -> list[str]:
    return [token.form for token in read(text).words]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("ｆｕｌｌ", "full"),
        ("𝐛𝐨𝐥𝐝", "bold"),
        ("e\u0302v", "êv"),
        ("İSTANBUL", "istanbul"),
        ("pass\u00adword", "password"),
        ("fu\u200bck", "fuck"),
        ("fuсk", "fuck"),
        ("سَلَامٌ", "سلام"),
        ("ســـلام", "سلام"),
        ("أحمد", "احمد"),
        ("علي", "علی"),
        ("كردي", "کردی"),
        ("می‌روم", "میروم"),
        ("١٢٣", "123"),
    ],
)
def test_a_word_is_read_the_same_however_it_is_typed(written: str, read_as: str) -> None:
    assert forms(written) == [read_as]


def test_a_letter_with_its_own_diacritic_stays_another_letter() -> None:
    assert forms("şık sık sik") == ["şık", "sık", "sik"]


def test_an_honorific_and_an_emoji_are_signs_that_are_not_taken_apart() -> None:
    assert [token.form for token in read("محمد ﷺ 👍🏽").tokens] == ["محمد", "ﷺ", "👍", "🏽"]


def test_kurdish_without_its_letters_is_what_an_arabic_keyboard_writes() -> None:
    assert letters.deep("دەڵێن") == forms("دهلين")[0]


def test_two_comments_that_differ_in_case_marks_and_spaces_have_one_digest() -> None:
    assert digest("Hello,   WORLD!!!") == digest("hello world")
    assert digest("hello world") != digest("hello word")
    assert digest("🙂 !") != digest("🙂 ?")


@given(ANY_TEXT)
def test_every_token_points_at_the_readers_own_code_points_in_order(text: str) -> None:
    last = 0
    for token in read(text).tokens:
        assert last <= token.start < token.end <= len(text)
        last = token.end


@given(st.lists(st.one_of(ANY_TEXT, st.sampled_from(["f*ck", "don't", "ﷺ", "аdmin", "...", "a_b", "İI"]))))
def test_a_digest_is_that_of_the_words_that_are_read(parts: list[str]) -> None:
    text = " ".join(parts)
    assert _forms(text) == [token.form for token in read(text).words]


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_no_code_point_makes_reading_fail(text: str) -> None:
    read(text)
    digest(text)


@settings(deadline=None)
@given(st.sampled_from(["\u0301", "a\u0301", "ﷺ", "ﷲ", "*", "@", "f*", "'", "\u200d", "é ", "ەە", "a.", "\U000e0041"]))
def test_a_hundred_thousand_of_anything_is_read_in_a_moment(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    assert seconds_of(lambda: read(text)) < 0.5


WORDS = st.text(alphabet="abzIİıçşêûßﬁ0123٣абвγδکگەأةヂ漢", min_size=1, max_size=80)


@given(words=st.lists(st.tuples(WORDS, st.sampled_from(["", ".", "!", "؟", "_"])), max_size=6))
def test_a_word_is_the_same_read_at_once_and_letter_by_letter(words: list[tuple[str, str]]) -> None:
    at_once = read(" ".join(word + sign for word, sign in words))
    # A soft hyphen is nothing, but has what stands between two spaces read letter by letter.
    by_letter = read(" ".join("\u00ad" + word + sign for word, sign in words))

    assert [(one.form, one.word, one.scripts) for one in at_once.tokens] == [
        (one.form, one.word, one.scripts) for one in by_letter.tokens
    ]
    assert digest(at_once.original) == digest(by_letter.original)
    assert [at_once.quote(one.start, one.end) for one in at_once.tokens] == [
        by_letter.quote(one.start, one.end) for one in by_letter.tokens
    ]
