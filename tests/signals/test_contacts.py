"""Links, advertising and private data."""

from __future__ import annotations

import pytest

from majlis.signals import links, private
from majlis.signals.text import read

PHRASES = links.load()


@pytest.mark.parametrize(
    ("text", "language", "quote"),
    [
        ("call him on +44 7400 123456 now", "en", "+44 7400 123456"),
        ("رقمه 0770 123 4567", "ar", "0770 123 4567"),
        ("ژمارەکەی ٠٧٧٠١٢٣٤٥٦٧", "ckb", "٠٧٧٠١٢٣٤٥٦٧"),
        ("hejmara wî 0532 123 45 67", "kmr", "0532 123 45 67"),
        ("numarası 0532 123 45 67", "tr", "0532 123 45 67"),
        ("شماره‌اش ۰۹۱۲۱۲۳۴۵۶۷", "fa", "۰۹۱۲۱۲۳۴۵۶۷"),
        ("write to sara.karim@example.com", "en", "sara.karim@example.com"),
        ("hesap TR33 0006 1005 1978 6457 8413 26", "tr", "TR33 0006 1005 1978 6457 8413 26"),
        ("TC kimlik 10000000146", "tr", "10000000146"),
    ],
)
def test_private_data_is_quoted_exactly(text: str, language: str, quote: str) -> None:
    observation = private.observe(read(text), language)
    assert [finding.quote for finding in observation.findings] == [quote]
    assert observation.scores["private-data"] >= 0.85


@pytest.mark.parametrize(
    "text",
    [
        "In 2019 the council spent 1 500 000 000 dinars",
        "from 2014-2018 and 2019-2023",
        "the match ended 3-2 after 120 minutes",
        "IBAN TR33 0006 1005 1978 6457 8413 27",
        "١٢٣٤٥",
        "on 12.10.2023 at 18:30",
    ],
)
def test_years_amounts_and_wrong_check_digits_are_not_private(text: str) -> None:
    assert private.observe(read(text), "en").scores == {}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The clerk of city hall picks up till four, 507-555-0111", "en"),
        ("پەیوەندی بکە بە ٠٦٦٢٢٣٠٠٠٠", "ckb"),
        ("020 7946 0112", "en"),
    ],
)
def test_a_line_that_may_be_an_offices_is_left_to_a_person(text: str, language: str) -> None:
    scores = private.observe(read(text), language).scores
    assert 0.5 < scores["private-data"] < 0.85


def test_a_public_offices_number_is_left_to_a_person() -> None:
    scores = private.observe(read("The municipality's hotline is 0770 123 4567"), "ar").scores
    assert 0.15 < scores["private-data"] < 0.85


def test_check_digits_are_those_of_the_standards() -> None:
    assert private.valid_iban("GB82WEST12345698765432")
    assert not private.valid_iban("GB82WEST12345698765433")
    assert private.valid_turkish_identity("10000000146")
    assert not private.valid_turkish_identity("10000000147")
    assert private.valid_iranian_identity("0499370899")
    assert not private.valid_iranian_identity("0499370898")


@pytest.mark.parametrize(
    "text",
    [
        "Subscribe to my channel https://t.me/quickgains",
        "kanalıma abone olun www.ornek.com",
        "اشتركوا في قناتنا https://t.me/arba7na",
        "سەردانی پەیجەکەمان بکەن t.me/dukan1",
        "kanala min bişopînin t.me/kanal1",
        "کد تخفیف در https://t.me/forushgah24",
    ],
)
def test_an_invitation_with_a_link_is_advertising(text: str) -> None:
    assert links.observe(PHRASES, read(text)).scores["promotion"] >= 0.9


def test_a_link_alone_is_for_a_person_and_a_known_source_is_not_even_that() -> None:
    assert 0.15 < links.observe(PHRASES, read("see https://example.org/report")).scores["promotion"] < 0.5
    assert links.observe(PHRASES, read("see https://en.wikipedia.org/wiki/Erbil")).scores["promotion"] <= 0.15


def test_a_full_stop_without_a_space_is_no_link() -> None:
    assert links.observe(PHRASES, read("Good.It was time.Really")).scores == {}
