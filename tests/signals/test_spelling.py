"""Letters that a keyboard lacks are given back, letters that are there stay, and words are cited as they were typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from majlis import errors
from majlis.signals import classifier, letters, spelling
from majlis.signals.spelling import ARABIC_KEYBOARD, Spelling
from majlis.signals.text import read
from majlis.signals.view import view


@pytest.fixture(scope="module")
def shipped() -> Spelling:
    return spelling.load(classifier.WEIGHTS)


def seen(shipped: Spelling, typed: str, language: str) -> str:
    return view(read(typed), shipped.of(typed, language)).text


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("kmr", "Hun hemu derewin e", "Hûn hemû derewîn e"),
        ("kmr", "jin bune doktor", "jin bûne doktor"),
        ("tr", "Istanbul'da yasamak guzel", "İstanbul'da yaşamak güzel"),
        ("tr", "olen kadinlara allahtan rahmet", "ölen kadınlara allahtan rahmet"),
        ("ckb", "ئهم كوره زور باشه، دلم خوشه", "ئەم کوڕە زۆر باشە، دڵم خۆشە"),
        ("ckb", "ذن لة ضوارريان وةكى جادةية", "ژن لە چوارڕیان وەکی جادەیە"),
        ("fa", "كتاب خوبي بود", "کتاب خوبی بود"),
    ],
)
def test_a_comment_without_its_letters_is_read_with_them(
    shipped: Spelling, language: str, typed: str, meant: str
) -> None:
    assert seen(shipped, typed, language) == meant


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("kmr", "Ez ê biçim gundê xwe, Şirîn û Güneş jî"),
        ("tr", "Işıklar söndü, kimse gelmedi; sokak kapkaranlık"),
        ("ckb", "بۆچی کارەبا نییە؟ هەموو ڕۆژێک هەر وایە"),
        ("fa", "این کتاب را خواندیم، می‌شود"),
        ("ar", "هذا الكتاب جيد على كل حال"),
        ("en", "She is a fine minister"),
        ("und", "su ses"),
    ],
)
def test_a_comment_with_its_letters_stays_as_it_was_typed(shipped: Spelling, language: str, typed: str) -> None:
    assert seen(shipped, typed, language) == typed


def test_a_joiner_after_heh_is_the_old_way_to_write_a_sorani_vowel(shipped: Spelling) -> None:
    assert seen(shipped, "ئه\u200cم كوڕه", "ckb") == "ئەم کوڕە"


def test_what_is_cited_are_the_letters_that_were_typed(shipped: Spelling) -> None:
    typed = "jin bune doktor"
    read_as = view(read(typed), shipped.of(typed, "kmr"))
    first = read_as.text.index("bûne")
    start, end = read_as.original(first, first + 4)
    assert typed[start:end] == "bune"


@given(st.sampled_from(["ckb", "fa", "kmr", "tr"]), st.text(max_size=80))
def test_no_text_is_made_longer_or_breaks_it(shipped: Spelling, language: str, typed: str) -> None:
    whole, plain = seen(shipped, typed, language), view(read(typed)).text
    assert len(whole) <= len(plain)
    assert len(whole.split()) == len(plain.split())


@given(st.sampled_from(["kmr", "tr"]), st.text("abcçdeêfgğhiîıjklmnoöpqrsştuûüvwxyz ", min_size=1, max_size=60))
def test_with_and_without_diacritics_it_is_read_alike_by_those_who_lack_them(
    shipped: Spelling, language: str, typed: str
) -> None:
    """What is given back is never another letter than one that somebody would type without its mark."""
    bare = letters.deep(typed)
    assert letters.deep(seen(shipped, bare, language)) == letters.deep(view(read(bare)).text)


@given(st.text("ابپتجچحخدرڕزژسشعغفڤقکگلڵمنوۆهەیێ ", min_size=1, max_size=60))
def test_an_arabic_keyboard_changes_no_other_letters(shipped: Spelling, typed: str) -> None:
    bare = typed.translate(ARABIC_KEYBOARD)
    restored = seen(shipped, bare, "ckb")
    assert restored.translate(ARABIC_KEYBOARD) == view(read(bare)).text.translate(ARABIC_KEYBOARD)


@pytest.mark.parametrize("content", [None, "ckb\tone field too few", "xx\t|a\tb\n"])
def test_a_damaged_file_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / spelling.FILE).write_text(content, encoding="utf-8")
    with pytest.raises(errors.WeightsInvalid, match=spelling.FILE):
        spelling.load(tmp_path)
