"""Written guidelines: Markdown in, clauses out. Nothing here knows what a clause means or opens a file.

A file holds one language:

    # Title {lang=ckb}
    Paragraphs that introduce the guidelines.

    ## A clause's title {#its-id}
    Paragraphs and lists: the clause itself.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from majlis import errors
from majlis.domain.guidelines import Clause, Guidelines

MAX_BYTES = 64 * 1024
"""The most that a guidelines file may hold, in bytes of UTF-8."""

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CLAUSE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ATTRIBUTE = re.compile(r"\s*\{([^{}]*)\}\s*$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINKS = re.compile(r"(https?://|mailto:|/(?!/)|#)", re.IGNORECASE)
_TITLE_HINT = "Begin the file with a line like: # Guidelines for comments {lang=en}"
_CLAUSE_HINT = "Write the clause like: ## Threats {#threat}"
_ID_HINT = "An id has at most 40 lower-case letters a to z, digits and hyphens, and begins with no hyphen."


def parse(text: str) -> Guidelines:
    """Read one guidelines file.

    HTML in the Markdown is shown as it is typed, never rendered, and only links to web, mail and own pages
    become links, so that `html` and `introduction_html` are safe to show. A byte order mark at the beginning
    and the kind of line ends make no difference, nor do they to the version.

    Raises:
        errors.GuidelinesInvalid: with the line to blame, or 0 where it is the whole file.
    """
    source = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    encoded = _encoded(source)
    markdown = _markdown()
    tokens = markdown.parse(source)
    _check_tokens(tokens)
    title, *clauses = _sections(tokens)
    language = _language(title.attribute, title.line)
    if not clauses:
        raise _invalid(0, "The guidelines have no clause.", _CLAUSE_HINT)
    return Guidelines(
        language=language,
        title=_titled(markdown, title, _TITLE_HINT),
        introduction=_plain(title.body),
        introduction_html=_html(markdown, title.body),
        clauses=_clauses(markdown, clauses),
        version=f"sha256:{hashlib.sha256(encoded).hexdigest()}",
        source=source,
    )


def check_set(guidelines: tuple[Guidelines, ...]) -> None:
    """Check that each language is there once and all have the same clauses in the same order as the first.

    Raises:
        errors.GuidelinesInvalid: names the language and the clause that is missing or out of place.
    """
    languages = [one.language for one in guidelines]
    for language in languages:
        if languages.count(language) > 1:
            raise _invalid(0, f"There are {languages.count(language)} guidelines in {language}.", "Keep one of them.")
    for other in guidelines[1:]:
        _check_pair(guidelines[0], other)


def unknown_clauses(guidelines: Guidelines, covered: Collection[str]) -> tuple[str, ...]:
    """Return the ids of the clauses that nobody covers, in the order of the guidelines."""
    return tuple(clause.id for clause in guidelines.clauses if clause.id not in covered)


class _Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading and what follows until the next one. `attribute` is what stood in the heading's braces."""

    level: int
    line: int
    title: str
    attribute: str | None
    body: Sequence[Token]


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False})
    markdown.validateLink = lambda url: _LINKS.match(url) is not None  # type: ignore[method-assign]
    return markdown


def _invalid(line: int, sentence: str, hint: str) -> errors.GuidelinesInvalid:
    return errors.GuidelinesInvalid(f"Line {line}: {sentence}" if line else sentence, line=line, hint=hint)


def _shown(value: str) -> str:
    """The value in quotes, short enough for one line."""
    return repr(value if len(value) <= 60 else value[:60] + "…")


def _encoded(source: str) -> bytes:
    try:
        encoded = source.encode()
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        raise _invalid(line, "Half of a surrogate pair is not text.", "Save the file as UTF-8.") from None
    if len(encoded) > MAX_BYTES:
        raise _invalid(0, f"The guidelines have {len(encoded)} bytes; {MAX_BYTES} are allowed.", "Shorten them.")
    if control := _CONTROL.search(source):
        line = source.count("\n", 0, control.start()) + 1
        raise _invalid(line, f"The control character U+{ord(control[0]):04X} is not text.", "Remove it.")
    return encoded


def _check_tokens(tokens: Sequence[Token]) -> None:
    """Refuse what would break the page's outline or load something from elsewhere."""
    for token in tokens:
        line = token.map[0] + 1 if token.map else 0
        if token.type == "heading_open" and (token.level > 0 or token.tag not in ("h1", "h2")):
            raise _invalid(line, "A heading inside a clause is not supported.", "Write a paragraph or a list instead.")
        if any(child.type == "image" for child in token.children or ()):
            raise _invalid(line, "Pictures in guidelines are not supported.", "Remove it or link to it.")


def _sections(tokens: Sequence[Token]) -> list[_Section]:
    """Cut at the headings: the title first, then the clauses."""
    if not tokens:
        raise _invalid(0, "The guidelines are empty.", _TITLE_HINT)
    starts = [index for index, token in enumerate(tokens) if token.type == "heading_open"]
    if not starts or starts[0] != 0 or tokens[0].tag != "h1":
        line = tokens[0].map[0] + 1 if tokens[0].map else 1
        raise _invalid(line, "The title is missing.", _TITLE_HINT)
    ends = [*starts[1:], len(tokens)]
    sections = [_section(tokens[start:end]) for start, end in zip(starts, ends, strict=True)]
    for section in sections[1:]:
        if section.level == 1:
            raise _invalid(section.line, "There is a second title.", _CLAUSE_HINT)
    return sections


def _section(tokens: Sequence[Token]) -> _Section:
    heading, content = tokens[0], tokens[1].content
    attribute = _ATTRIBUTE.search(content)
    return _Section(
        level=int(heading.tag[1]),
        line=heading.map[0] + 1 if heading.map else 0,
        title=content[: attribute.start()] if attribute else content,
        attribute=attribute[1].strip() if attribute else None,
        body=tokens[3:],
    )


def _language(attribute: str | None, line: int) -> str:
    if attribute is None or not attribute.startswith("lang="):
        raise _invalid(line, "The title does not say its language.", _TITLE_HINT)
    language = attribute.removeprefix("lang=")
    if not _LANGUAGE.fullmatch(language) or len(language) > 35:
        raise _invalid(line, f"{_shown(language)} is not a language tag.", "Use a BCP 47 tag such as en, ckb or kmr.")
    return language


def _clauses(markdown: MarkdownIt, sections: Sequence[_Section]) -> tuple[Clause, ...]:
    lines: dict[str, int] = {}
    clauses = []
    for section in sections:
        clause = _clause(markdown, section)
        if clause.id in lines:
            raise _invalid(
                section.line,
                f"The id {clause.id} is used on line {lines[clause.id]} already.",
                "Choose another id.",
            )
        lines[clause.id] = section.line
        clauses.append(clause)
    return tuple(clauses)


def _clause(markdown: MarkdownIt, section: _Section) -> Clause:
    if section.attribute is None or not section.attribute.startswith("#"):
        raise _invalid(section.line, f"The clause {_shown(section.title)} has no id.", _CLAUSE_HINT)
    id = section.attribute.removeprefix("#")
    if not _CLAUSE_ID.fullmatch(id):
        raise _invalid(section.line, f"{_shown(id)} is not a clause id.", _ID_HINT)
    title = _titled(markdown, section, _CLAUSE_HINT)
    text = _plain(section.body)
    if not text:
        raise _invalid(section.line, f"The clause {id} has no text.", "Say below the title what is not accepted.")
    return Clause(id=id, title=title, text=text, html=_html(markdown, section.body))


def _titled(markdown: MarkdownIt, section: _Section, hint: str) -> str:
    title = _plain(markdown.parseInline(section.title))
    if not title:
        raise _invalid(section.line, "The heading has no words.", hint)
    return title


def _html(markdown: MarkdownIt, tokens: Sequence[Token]) -> str:
    rendered: str = markdown.renderer.render(tokens, markdown.options, {})
    return rendered.strip()


def _plain(tokens: Sequence[Token]) -> str:
    """The words without markup: a line a paragraph, list items behind a dot, empty lines between blocks."""
    blocks: list[str] = []
    item = False
    for token in tokens:
        if token.type == "list_item_open":
            item = True
        elif token.type in ("inline", "fence", "code_block"):
            words = _inline(token) if token.children is not None else token.content.strip()
            blocks.append(f"{'• ' if item else ''}{words}")
            item = False
    joined = "\n\n".join(blocks)
    return joined.replace("\n\n• ", "\n• ").strip()


def _inline(token: Token) -> str:
    breaks = {"softbreak": " ", "hardbreak": "\n"}
    return "".join(breaks.get(child.type, child.content) for child in token.children or ()).strip()


def _check_pair(first: Guidelines, other: Guidelines) -> None:
    expected = [clause.id for clause in first.clauses]
    found = [clause.id for clause in other.clauses]
    if missing := [id for id in expected if id not in found]:
        raise _invalid(
            0,
            f"The guidelines in {other.language} lack {', '.join(missing)}, which {first.language} has.",
            "Every language needs the same clauses in the same order.",
        )
    if extra := [id for id in found if id not in expected]:
        raise _invalid(
            0,
            f"The guidelines in {first.language} lack {', '.join(extra)}, which {other.language} has.",
            "Every language needs the same clauses in the same order.",
        )
    for wanted, seen in zip(expected, found, strict=True):
        if wanted != seen:
            raise _invalid(
                0,
                f"The guidelines in {other.language} have {seen} where {first.language} has {wanted}.",
                "Every language needs the same clauses in the same order.",
            )
