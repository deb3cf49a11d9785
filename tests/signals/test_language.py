"""The language of a comment, as readers really type."""

from __future__ import annotations

import pytest

from majlis.signals import language
from majlis.signals.gather import Signals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This is a great article", "en"),
        ("Thanks!", "en"),
        ("هذا الخبر ممتاز جدا", "ar"),
        ("شكرا لكم", "ar"),
        ("ئەم هەواڵە زۆر باشە", "ckb"),
        ("دەستتان خۆش", "ckb"),
        ("Gelê me ev yek qebûl nake", "kmr"),
        ("Destê we sax be", "kmr"),
        ("Bu haber çok güzel olmuş", "tr"),
        ("helal olsun sana", "tr"),
        ("این خبر خیلی خوب بود", "fa"),
        ("دمت گرم", "fa"),
    ],
)
def test_each_of_the_six_languages_is_found_in_a_few_words(signals: Signals, text: str, expected: str) -> None:
    assert signals.language.find(text).language == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ev nuce pir bas e spas ji bo we", "kmr"),
        ("bu haber cok guzel olmus tesekkurler", "tr"),
        ("دهستتان خوش بيت بو ئهم ههواله زور سوباس", "ckb"),
        ("اين خبر خيلي خوب بود كه نوشتيد", "fa"),
    ],
)
def test_letters_that_a_keyboard_lacks_do_not_hide_the_language(signals: Signals, text: str, expected: str) -> None:
    assert signals.language.find(text).language == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Das ist eine sehr gute Nachricht für alle", "de"),
        ("C'est une bonne nouvelle pour nous tous", "fr"),
        ("Это очень хорошая новость", "ru"),
        ("זו חדשה טובה מאוד", "he"),
        ("یہ خبر بہت اچھی ہے", "ur"),
    ],
)
def test_a_foreign_language_is_called_by_its_name(signals: Signals, text: str, expected: str) -> None:
    assert signals.language.find(text).language == expected


def test_a_comment_without_letters_takes_the_storys_language_or_has_none(signals: Signals) -> None:
    assert signals.language.find("👍👍👍", "ckb").language == "ckb"
    assert signals.language.find("👍👍👍").language == "und"


def test_the_storys_language_decides_for_one_word_and_not_against_a_sentence(signals: Signals) -> None:
    assert signals.language.find("ok", "en").language == "en"
    assert signals.language.find("ok", "tr").language == "tr"
    assert signals.language.find("Bu haber çok güzel olmuş, elinize sağlık", "kmr").language == "tr"


def test_arabic_in_latin_letters_is_arabic_of_which_nobody_is_certain(signals: Signals) -> None:
    found = signals.language.find("ya jama3a el 5abar da 7elw awi wallah")
    assert (found.language, found.arabizi) == ("ar", True)
    assert found.score < 0.5


def test_the_small_model_is_ready_without_the_wide_one() -> None:
    assert "_wide" not in vars(language.load())
