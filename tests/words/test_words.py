"""The words that people read: catalogs, default guidelines and the sample newsroom, complete in six languages.

Whether a sentence is good is not tested here; whether it is there, whole, and in its language's own letters is.
"""

from __future__ import annotations

import gettext
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import majlis
from majlis.domain.guidelines import CLAUSES, Guidelines
from majlis.domain.site import LANGUAGES
from majlis.judge.guidelines import check_set, parse

PACKAGE = Path(majlis.__file__).parent
DEMO = PACKAGE / "demo"
PHOTOS = DEMO / "photos"

TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
CATEGORIES = {"en": 2, "ar": 6, "ckb": 2, "kmr": 2, "tr": 2, "fa": 2}
COUNTS = (0, 1, 2, 3, 10, 11, 25, 99, 100, 101, 102, 111, 1000)

PLACEHOLDER = re.compile(r"%\((\w+)\)s")
ARABIC_YEH_KAF = re.compile("[\u064a\u0643\u0649]")
ARABIC_SCRIPT = re.compile("[\u0600-\u06ff]")
OWN_LETTERS = {"ckb": "ەێۆڕڵیک", "kmr": "êîûçş", "tr": "çğıöşü", "fa": "پچژگیک", "ar": "ةىيك"}


def catalog(language: str) -> Catalog:
    with (PACKAGE / "web" / "locale" / f"{language}.po").open("rb") as file:
        return read_po(file, abort_invalid=True)


def messages(language: str) -> dict[Any, Message]:
    return {message.id: message for message in catalog(language) if message.id}


def guidelines(language: str) -> Guidelines:
    return parse((PACKAGE / "guidelines" / f"{language}.md").read_text("utf-8"))


def tables(kind: str, language: str) -> list[dict[str, Any]]:
    read = tomllib.loads((DEMO / kind / f"{language}.toml").read_text("utf-8"))
    found = read["story" if kind == "stories" else "comment"]
    assert isinstance(found, list)
    return found


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def texts(language: str) -> Iterator[str]:
    """Everything that is written in a language, piece by piece."""
    if language != "en":
        for message in messages(language).values():
            yield from forms(message)
    yield guidelines(language).source
    for story in tables("stories", language):
        yield from (story[key] for key in ("title", "section", "dateline", "teaser", "caption", "credit"))
        yield from story["body"]
    # Some that wait do so because they are in a language that Majlis does not judge.
    for comment in tables("comments", language):
        if not comment.get("waiting"):
            yield comment["text"]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_of_the_interface_is_translated(language: str) -> None:
    english, other = messages("en"), messages(language)
    assert other.keys() == english.keys()
    missing = [id for id, message in other.items() if message.fuzzy or not all(form.strip() for form in forms(message))]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_values_that_are_put_in(language: str) -> None:
    for id, message in messages(language).items():
        ids = id if isinstance(id, tuple) else (id,)
        wanted = set(PLACEHOLDER.findall(" ".join(ids)))
        for place, form in enumerate(forms(message)):
            given = set(PLACEHOLDER.findall(form))
            if language == "en" and not form:
                continue
            # Arabic says none, one and two in words, without the number.
            said_in_words = language == "ar" and len(ids) == 2 and place < 3
            assert given == wanted or (said_in_words and given <= wanted), form
            assert "%" not in PLACEHOLDER.sub("", form)
            assert not re.search(r"\{\w+\}", form)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_the_languages_own(language: str) -> None:
    found = catalog(language)
    assert found.num_plurals == CATEGORIES[language]
    which = gettext.c2py(found.plural_expr)
    assert {which(n) for n in COUNTS} == set(range(CATEGORIES[language]))
    for message in found:
        if message.pluralizable:
            assert len(forms(message)) == CATEGORIES[language]


def test_arabic_counts_as_arabic_does() -> None:
    which = gettext.c2py(catalog("ar").plural_expr)
    said = forms(messages("ar")[("%(n)s comment", "%(n)s comments")])
    assert [said[which(n)] % {"n": n} for n in (0, 1, 2, 5, 11, 100)] == [
        "لا تعليقات",
        "تعليق واحد",
        "تعليقان",
        "5 تعليقات",
        "11 تعليقًا",
        "100 تعليق",
    ]


def test_everything_that_the_pages_say_is_in_the_catalogs() -> None:
    """Only what is written out where it is said can be found this way."""
    said = extract_from_dir(
        PACKAGE / "web",
        method_map=[("**.html", "jinja2.ext:babel_extract"), ("**.py", "python")],
        keywords={"_": None, "gettext": None, "ngettext": (1, 2), "say": (2,), "say_many": (2, 3)},
    )
    known = messages("en")
    assert [(file, line, id) for file, line, id, _, _ in said if id not in known] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogs_pass_babels_own_checks(language: str) -> None:
    assert list(catalog(language).check()) == []


def test_the_default_guidelines_have_the_same_clauses_in_every_language() -> None:
    found = tuple(guidelines(language) for language in LANGUAGES)
    assert tuple(one.language for one in found) == LANGUAGES
    check_set(found)
    assert tuple(clause.id for clause in found[0].clauses) == CLAUSES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clause_is_two_to_four_sentences(language: str) -> None:
    for clause in guidelines(language).clauses:
        sentences = [part for part in re.split(r"[.؟?!](?:\s|$)", clause.text) if part.strip()]
        assert 2 <= len(sentences) <= 4, clause.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_newsroom_has_whole_stories(language: str) -> None:
    found = tables("stories", language)
    assert len(found) >= 4
    for story in found:
        assert re.fullmatch(rf"{language}-[a-z0-9-]+", story["id"])
        assert 4 <= len(story["body"]) <= 7
        assert all(paragraph.strip() for paragraph in story["body"])
        for key in ("title", "section", "dateline", "teaser", "caption", "credit"):
            assert story[key].strip(), f"{story['id']} has no {key}"
        assert isinstance(story["hours_ago"], int)
        assert (PHOTOS / story["photo"]).is_file()


def test_story_ids_are_unique_and_every_picture_is_used() -> None:
    found = [story for language in LANGUAGES for story in tables("stories", language)]
    assert len({story["id"] for story in found}) == len(found)
    assert {story["photo"] for story in found} == {path.name for path in PHOTOS.iterdir()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sample_comments_hang_together(language: str) -> None:
    age = {story["id"]: story["hours_ago"] for story in tables("stories", language)}
    found = tables("comments", language)
    assert len({comment["text"] for comment in found}) == len(found)
    for place, comment in enumerate(found):
        assert comment["name"].strip()
        assert comment["hours_ago"] < age[comment["story"]]
        if "reply_to" in comment:
            parent = found[comment["reply_to"]]
            assert comment["reply_to"] < place
            assert parent["story"] == comment["story"]
            assert parent["hours_ago"] > comment["hours_ago"]
            assert not parent.get("waiting", False)
    shown = [comment for comment in found if not comment.get("waiting")]
    assert len({comment["story"] for comment in shown}) == 2
    assert 8 <= len(shown) <= 14
    assert 3 <= len(found) - len(shown) <= 5
    assert any("reply_to" in comment for comment in shown)
    assert any(comment.get("featured") for comment in shown)


def test_pictures_are_small_drawings_that_load_nothing() -> None:
    for path in PHOTOS.glob("*.svg"):
        drawing = path.read_text("utf-8")
        root = ElementTree.fromstring(drawing)
        assert root.get("viewBox") == "0 0 1280 720"
        assert len(drawing.encode()) < 15_000
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"script", "text", "image", "foreignObject", "style", "a"}
        for element in root.iter():
            for name, value in element.attrib.items():
                assert not name.startswith("on")
                assert "href" not in name or value.startswith("#")
                assert "url(" not in value or "url(#" in value


@pytest.mark.parametrize("language", ["ckb", "fa"])
def test_sorani_and_persian_use_their_own_yeh_and_kaf(language: str) -> None:
    assert [text for text in texts(language) if ARABIC_YEH_KAF.search(text)] == []


def test_sorani_uses_sorani_letters_only() -> None:
    assert [text for text in texts("ckb") if re.search("[\u0629\u062b\u0630\u0635\u0636\u0637\u0638]", text)] == []


@pytest.mark.parametrize("language", OWN_LETTERS)
def test_each_language_is_written_with_its_own_letters(language: str) -> None:
    written = "".join(texts(language)).lower()
    assert [letter for letter in OWN_LETTERS[language] if letter not in written] == []


@pytest.mark.parametrize("language", ["kmr", "tr", "en"])
def test_latin_languages_hold_no_arabic_script(language: str) -> None:
    own = [text for text in texts(language) if ARABIC_SCRIPT.search(text)]
    assert own == []


def test_kurmanji_is_not_written_with_turkish_letters() -> None:
    assert [text for text in texts("kmr") if re.search("[ğöüı]", text)] == []
