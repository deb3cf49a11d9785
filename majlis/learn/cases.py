"""Reads the functional cases: pairs of a fair and an unfair comment of one kind, one plain file a language.

It judges nothing and knows no verdict; the form of a file is told in `tests/judge/cases/README.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from majlis import errors
from majlis.domain.guidelines import CLAUSES
from majlis.domain.site import LANGUAGES

FAIR_KINDS = (
    "negated-abuse",
    "quoted-abuse",
    "counter-speech",
    "reclaimed-word",
    "homonym",
    "swearing-at-things",
    "publisher-criticism",
    "government-criticism",
    "reporting-violence",
    "idiomatic-violence",
    "legal-consequence",
    "dark-humour",
    "irony",
    "neutral-identity",
    "proud-identity",
    "public-phone",
)
"""Kinds that are named for what a machine takes for abuse and an editor does not."""

BLUNT_KINDS = (
    "blunt-insult",
    "conditional-threat",
    "prayer-threat",
    "dehumanising",
    "sexual-crudeness",
    "slur-at-one-person",
    "private-data",
    "disguised",
)
"""Kinds whose unfair comment says it in so many words: the machine may never approve one."""

HIDDEN_KINDS = (
    "veiled-threat",
    "implied-hate",
    "polite-insult",
    "benevolent-sexism",
    "promotion-on-topic",
    "off-topic",
)
"""Kinds whose unfair comment has to be understood; how many are found is measured."""

KINDS = FAIR_KINDS + BLUNT_KINDS + HIDDEN_KINDS

_LINE = re.compile(r"(?P<key>Note|Story|Fair|Unfair)(?: +(?P<more>[^:]*?))? *: *(?P<value>.*)")
_HINT = "A line begins with '# kind', 'Story:', 'Fair:', 'Unfair (clause):' or 'Note:'."


@dataclass(frozen=True, slots=True)
class Pair:
    """Two comments on one story that differ little and are judged differently.

    `number` counts the pairs of a kind in a file from 1; `clauses` are the ones that `unfair` breaks.
    """

    language: str
    kind: str
    number: int
    fair: str
    unfair: str
    clauses: tuple[str, ...]
    title: str
    summary: str

    @property
    def name(self) -> str:
        """What people call it: `en irony 2`."""
        return f"{self.language} {self.kind} {self.number}"


def read(folder: Path) -> list[Pair]:
    """Return the pairs of a folder, `en.txt` first, in the order of the files.

    Raises:
        errors.Unreadable: there is no file, or a line cannot be used; the file and the line are named.
    """
    paths = [path for language in LANGUAGES if (path := folder / f"{language}.txt").is_file()]
    if not paths:
        raise errors.Unreadable(f"There are no cases in {folder}.", hint="It needs files such as en.txt.")
    return [pair for path in paths for pair in parse(path.read_text(encoding="utf-8"), path.stem)]


def parse(text: str, language: str) -> list[Pair]:
    """Return the pairs of one file's text.

    Raises:
        errors.Unreadable: a line cannot be used; it is named.
    """
    return list(_pairs(text, language))


@dataclass(slots=True)
class _Place:
    """Where the reader stands: the stories named so far, the present one, the kind, and a fair comment to be paired."""

    language: str
    line: int = 0
    stories: dict[str, tuple[str, str]] = field(default_factory=dict)
    story: tuple[str, str] = ("", "")
    kind: str = ""
    fair: str = ""

    def wrong(self, sentence: str, hint: str = _HINT) -> errors.Unreadable:
        return errors.Unreadable(f"{self.language}.txt, line {self.line}: {sentence}", hint=hint)


def _pairs(text: str, language: str) -> Iterator[Pair]:
    place = _Place(language)
    counts: dict[str, int] = {}
    seen: dict[str, int] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line, place.line = raw.strip(), number
        if line.startswith("#"):
            _whole(place)
            place.kind = _kind(place, line.lstrip("# "))
            continue
        if not line:
            continue
        read_line = _LINE.fullmatch(line)
        if read_line is None:
            raise place.wrong(f"{line[:40]!r} is nothing that is known here.")
        key, more, value = read_line["key"], read_line["more"] or "", read_line["value"]
        if not value:
            raise place.wrong(f"Nothing stands behind {key}.")
        if key == "Story":
            _story(place, more, value)
        elif key == "Fair":
            _whole(place)
            _once(place, seen, value)
            place.fair = value
        elif key == "Unfair":
            clauses = _clauses(place, more)
            if not place.kind or not place.fair:
                raise place.wrong("An unfair comment follows a fair one of its kind.")
            _once(place, seen, value)
            counts[place.kind] = counts.get(place.kind, 0) + 1
            yield Pair(language, place.kind, counts[place.kind], place.fair, value, clauses, *place.story)
            place.fair = ""
    _whole(place)


def _whole(place: _Place) -> None:
    if place.fair:
        raise place.wrong("The fair comment before this line has no unfair one.")


def _once(place: _Place, seen: dict[str, int], comment: str) -> None:
    if comment in seen:
        raise place.wrong(f"This comment stands on line {seen[comment]} already.", "Write another one.")
    seen[comment] = place.line


def _kind(place: _Place, name: str) -> str:
    if name not in KINDS:
        raise place.wrong(f"The kind {name!r} is not known.", f"Known are {', '.join(KINDS)}.")
    return name


def _story(place: _Place, name: str, value: str) -> None:
    if not name:
        if value not in place.stories:
            raise place.wrong(f"No story is called {value!r}.", "Name it first: 'Story name: title | summary'.")
        place.story = place.stories[value]
        return
    title, bar, summary = (part.strip() for part in value.partition("|"))
    if not (title and bar and summary):
        raise place.wrong("A story has a title and a summary.", "Write 'Story name: title | summary'.")
    place.stories[name] = (title, summary)


def _clauses(place: _Place, more: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in more.removeprefix("(").removesuffix(")").split(","))
    for name in names:
        if name not in CLAUSES:
            raise place.wrong(f"The clause {name!r} is not known.", f"Known are {', '.join(CLAUSES)}.")
    return names


def by_kind(pairs: Sequence[Pair]) -> Mapping[str, list[Pair]]:
    """Return the pairs by kind, in the order of `KINDS`; a kind without a pair is missing."""
    return {kind: found for kind in KINDS if (found := [pair for pair in pairs if pair.kind == kind])}
