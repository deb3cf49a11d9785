"""The interface in six languages: gettext catalogs, templates for each language, dates and numbers.

Catalogs are the .po files as translators write them; they are compiled in memory at start. No text of a page stands
in Python or in scripts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from majlis.domain.moment import iso
from majlis.domain.site import LANGUAGES, direction

_LOCALES = {"kmr": "ku", "en": "en_GB"}
"""Babel's name for Kurmanji, and an English that puts the day first; the other tags are the same."""

_SPANS = (
    (365 * 86_400, "%(n)s year ago", "%(n)s years ago"),
    (30 * 86_400, "%(n)s month ago", "%(n)s months ago"),
    (86_400, "%(n)s day ago", "%(n)s days ago"),
    (3_600, "%(n)s hour ago", "%(n)s hours ago"),
    (60, "%(n)s minute ago", "%(n)s minutes ago"),
)
"""The locale data knows no words for this in Sorani and Kurmanji, so the catalogs have them, in seconds."""

NAMES = {
    "en": "English",
    "ar": "العربية",
    "ckb": "کوردیی سۆرانی",
    "kmr": "Kurdî (Kurmancî)",
    "tr": "Türkçe",
    "fa": "فارسی",
}
"""Each language by its own name."""


def _locale(language: str) -> str:
    return _LOCALES.get(language, language)


class Words:
    """Catalogs and templates, by language."""

    def __init__(self, locales: Path, templates: Path) -> None:
        self._catalogs = {language: _catalog(locales / f"{language}.po") for language in LANGUAGES}
        self._environments = {
            language: _environment(templates, self._catalogs[language], language) for language in LANGUAGES
        }

    def known(self, language: str | None) -> str | None:
        """Return the interface language for a tag, or None where there is none."""
        base = (language or "").split("-")[0].lower()
        base = {"ku": "kmr"}.get(base, base)
        return base if base in self._catalogs else None

    def say(self, language: str, message: str, **values: Any) -> str:
        """Return a message in a language, with its values put in."""
        return str(self._catalogs[language].gettext(message) % values)

    def say_many(self, language: str, one: str, many: str, n: int) -> str:
        """Return a message in the plural form that a language has for a number."""
        return str(self._catalogs[language].ngettext(one, many, n) % {"n": format_number(language, n)})

    def render(self, language: str, template: str, **values: Any) -> str:
        """Return a page or a part of one in a language."""
        return self._environments[language].get_template(template).render(**values)


def _catalog(path: Path) -> Translations:
    with path.open("rb") as file:
        catalog = read_po(file)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled, domain="messages")


def _environment(templates: Path, catalog: Translations, language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalog, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"lang": language, "dir": direction(language), "language_names": NAMES}
    environment.filters |= {
        "date": lambda ms: show_date(language, ms),
        "moment": lambda ms: show_moment(language, ms),
        "ago": lambda ms, now: show_ago(catalog, language, ms, now),
        "number": lambda n: format_number(language, n),
        "iso": iso,
        "direction": direction,
    }
    return environment


def show_date(language: str, ms: int) -> str:
    """Return the day of a time as a newspaper prints it."""
    return str(format_date(datetime.fromtimestamp(ms / 1000, UTC), "long", locale=_locale(language)))


def show_moment(language: str, ms: int) -> str:
    """Return day and minute of a time, in UTC."""
    minute = format_time(datetime.fromtimestamp(ms / 1000, UTC), "HH:mm", locale=_locale(language))
    return f"{show_date(language, ms)} · {minute}"


def show_ago(catalog: Translations, language: str, ms: int, now: int) -> str:
    """Return how long ago a time was, roughly; never in the future."""
    seconds = max(0, now - ms) // 1000
    for span, one, many in _SPANS:
        if seconds >= span:
            n = seconds // span
            return str(catalog.ngettext(one, many, n) % {"n": format_number(language, n)})
    return str(catalog.gettext("just now"))


def format_number(language: str, n: float) -> str:
    """Return a number as a language writes it."""
    return str(format_decimal(n, locale=_locale(language)))
