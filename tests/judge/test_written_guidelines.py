"""Guidelines files: what is read from them and what is refused, with line and hint."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import majlis
from majlis.domain.guidelines import CLAUSES
from majlis.domain.site import LANGUAGES
from majlis.errors import GuidelinesInvalid
from majlis.judge.guidelines import check_set, parse, unknown_clauses

SORANI = """# ڕێنماییەکانی کۆمێنت {lang=ckb}
بەخێربێیت.

تکایە **بەڕێزەوە** بنووسە.

## هەڕەشە {#threat}
هیچ هەڕەشەیەک نا:

- نە بە ڕاستی
- نە بە گاڵتە

## ڕیکلام {#promotion}
هیچ ڕیکلامێک نا.
"""


def with_clauses(*ids: str, language: str = "en") -> str:
    return f"# Rules {{lang={language}}}\n\n" + "\n".join(f"## The {id} {{#{id}}}\nNot this.\n" for id in ids)


def test_a_file_gives_language_title_introduction_and_clauses() -> None:
    guidelines = parse(SORANI)
    assert guidelines.language == "ckb"
    assert guidelines.title == "ڕێنماییەکانی کۆمێنت"
    assert guidelines.introduction == "بەخێربێیت.\n\nتکایە بەڕێزەوە بنووسە."
    assert guidelines.introduction_html == "<p>بەخێربێیت.</p>\n<p>تکایە <strong>بەڕێزەوە</strong> بنووسە.</p>"
    assert [clause.id for clause in guidelines.clauses] == ["threat", "promotion"]
    threat = guidelines.clauses[0]
    assert threat.title == "هەڕەشە"
    assert threat.text == "هیچ هەڕەشەیەک نا:\n• نە بە ڕاستی\n• نە بە گاڵتە"
    assert "<li>نە بە گاڵتە</li>" in threat.html


def test_the_version_is_the_hash_of_the_text() -> None:
    assert parse(SORANI).version == "sha256:" + hashlib.sha256(SORANI.encode()).hexdigest()
    assert parse(SORANI + "\n").version != parse(SORANI).version


def test_line_ends_and_a_byte_order_mark_do_not_change_the_version() -> None:
    assert parse("\ufeff" + SORANI.replace("\n", "\r\n")) == parse(SORANI)


def test_html_is_shown_as_typed_and_never_rendered() -> None:
    guidelines = parse(with_clauses("threat") + "\n<script>alert(1)</script>\n\nand <b onclick=x>this</b>\n")
    html = guidelines.clauses[0].html
    assert "<script" not in html
    assert "<b" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///x", "//elsewhere.example"])
def test_only_links_to_web_mail_and_own_pages_become_links(address: str) -> None:
    text = with_clauses("threat")
    assert "<a " not in parse(f"{text}\n[here]({address})").clauses[0].html
    assert '<a href="https://example.com/a">' in parse(f"{text}\n[here](https://example.com/a)").clauses[0].html


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "empty"),
        ("Just words.\n", 1, "title is missing"),
        ("\n## Clause {#a}\nText\n", 2, "title is missing"),
        ("# Rules\n## A {#a}\nNo.\n", 1, "does not say its language"),
        ("# Rules {lang=English!}\n## A {#a}\nNo.\n", 1, "'English!' is not a language tag"),
        ("# {lang=en}\n## A {#a}\nNo.\n", 1, "no words"),
        ("# Rules {lang=en}\nHello.\n", 0, "no clause"),
        ("# Rules {lang=en}\n\n## Threats\nNo.\n", 3, "'Threats' has no id"),
        ("# Rules {lang=en}\n\n## Threats {#Thr eat}\nNo.\n", 3, "'Thr eat' is not a clause id"),
        (f"# Rules {{lang=en}}\n\n## Threats {{#{'a' * 41}}}\nNo.\n", 3, "is not a clause id"),
        ("# Rules {lang=en}\n## A {#a}\nNo.\n\n## B {#a}\nNo.\n", 5, "used on line 2 already"),
        ("# Rules {lang=en}\n## A {#a}\n\n## B {#b}\nNo.\n", 2, "a has no text"),
        ("# Rules {lang=en}\n## A {#a}\nNo.\n# More {lang=en}\n", 4, "second title"),
        ("# Rules {lang=en}\n## A {#a}\nNo.\n### Deeper\nNo.\n", 4, "heading inside a clause"),
        ("# Rules {lang=en}\n## A {#a}\nNo.\n> ## Quoted\n", 4, "heading inside a clause"),
        ("# Rules {lang=en}\n## A {#a}\n![x](https://example.com/x.png)\n", 3, "Pictures"),
        ("# Rules {lang=en}\n## A {#a}\nNo\x07.\n", 3, "U+0007"),
        ("# Rules {lang=en}\n## A {#a}\nNo\ud800.\n", 3, "surrogate"),
        ("# Rules {lang=en}\n## A {#a}\n" + "No. " * 16384, 0, "65536 are allowed"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line_and_a_hint(text: str, line: int, words: str) -> None:
    with pytest.raises(GuidelinesInvalid) as caught:
        parse(text)
    assert caught.value.line == line
    assert words in caught.value.detail
    assert caught.value.hint


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_as_guidelines(text: str) -> None:
    try:
        parse("# Rules {lang=en}\n## A {#a}\n" + text)
    except GuidelinesInvalid as error:
        assert error.detail  # noqa: PT017 - whichever of the two happens is right


def test_languages_need_the_same_clauses() -> None:
    english, turkish = parse(with_clauses("threat", "racism")), parse(with_clauses("threat", language="tr"))
    check_set((english, parse(with_clauses("threat", "racism", language="tr"))))
    with pytest.raises(GuidelinesInvalid, match="in tr lack racism, which en has"):
        check_set((english, turkish))
    with pytest.raises(GuidelinesInvalid, match="in tr lack racism, which en has"):
        check_set((turkish, english))


def test_languages_need_the_same_order_and_each_once() -> None:
    english = parse(with_clauses("threat", "racism"))
    with pytest.raises(GuidelinesInvalid, match="in tr have racism where en has threat"):
        check_set((english, parse(with_clauses("racism", "threat", language="tr"))))
    with pytest.raises(GuidelinesInvalid, match="2 guidelines in en"):
        check_set((english, english))


def test_clauses_that_no_signal_covers_are_named_in_order() -> None:
    guidelines = parse(with_clauses("threat", "spoilers", "racism"))
    assert unknown_clauses(guidelines, {"racism"}) == ("threat", "spoilers")


def test_the_default_guidelines_are_one_set_in_every_language() -> None:
    folder = Path(majlis.__file__).parent / "guidelines"
    defaults = tuple(parse((folder / f"{language}.md").read_text("utf-8")) for language in LANGUAGES)
    check_set(defaults)
    assert tuple(guidelines.language for guidelines in defaults) == LANGUAGES
    assert tuple(clause.id for clause in defaults[0].clauses) == CLAUSES
