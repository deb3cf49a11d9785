"""The view: disguises are undone, ordinary words stay as typed, and every letter knows where it came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from majlis.signals.text import read
from majlis.signals.view import view


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("you 1d10t", "you idiot"),
        ("i d i o t!", "idiot!"),
        ("what an i.d.i.o.t", "what an idiot"),
        ("an i*d*i*o*t", "an idiot"),
        ("i#d#i#o#t", "idiot"),
        ("s i i i i l l y", "sily"),
        ("b.a.d d.o.g", "bad dog"),
        ("B.o.b is a F-O-O-L", "Bob is a FOOL"),
        ("іdіоt", "idiot"),
        ("ＩＤＩＯＴ", "idiot"),
        ("b@stard", "bastard"),
        ("idiooooot", "idiot"),
        ("مـــرحـــبا", "مرحبا"),
        ("ا ح م ق", "احمق"),
        ("id\u200bio\u2060t", "idiot"),
    ],
)
def test_a_disguised_word_is_read_as_the_word(typed: str, seen: str) -> None:
    assert view(read(typed)).text == seen


@pytest.mark.parametrize(
    "typed",
    [
        "alice pays 250 dinars, bob pays 300",
        "Ring 0750 123 4567 at 10:30",
        "می‌شود",
        "Ez ê biçim gundê xwe, Şirîn û Güneş jî",
        "بۆچی کارەبا نییە؟",
        "I a m",
        "3*4 or 3*4*5",
    ],
)
def test_an_ordinary_comment_is_read_as_it_was_typed(typed: str) -> None:
    assert view(read(typed)).text == typed


@given(st.text(max_size=200))
def test_every_letter_of_the_view_stands_for_a_place_of_the_original(typed: str) -> None:
    seen = view(read(typed))
    assert len(seen.text) == len(seen.starts) == len(seen.ends)
    assert list(seen.starts) == sorted(seen.starts)
    assert all(0 <= start < end <= len(typed) for start, end in zip(seen.starts, seen.ends, strict=True))


@given(st.text(st.characters(categories=["Ll"], max_codepoint=0x17F), min_size=1, max_size=40))
def test_marks_and_invisible_signs_change_nothing(word: str) -> None:
    assert view(read("\u200b".join(word))).text == view(read(word)).text
