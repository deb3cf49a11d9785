"""Finds listed words and phrases, also where they are stretched, spaced out, masked or written in other letters.

A hit is evidence with a score, never proof: what only might be meant as abuse has a low score in the lists. Nothing
here decides. No pattern of a list is ever run as a regular expression over a reader's text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from majlis.domain.decision import Finding, Observation
from majlis.signals import letters
from majlis.signals.text import Text, Token, read

NAME, VERSION = "words", "1"
FOLDER = Path(__file__).with_name("words")

_OPENING, _CLOSING = "\"“«„'‘‹", "\"”»“'’›"
_QUOTED = 0.6
_DENIED = 0.8
_NEAR = 3
_FOREIGN = 0.92
_DISGUISED = 0.97
_AMBIGUOUS = 0.7
_LONGEST_QUOTE = 300
_NOT_TEXT = """
not isnt arent wasnt never dont nobody değil değildir değilsin değiller hayır لا لیس لیست لیسوا مو مش
لست لسنا نە نییە نین نیت ناکات مەڵێن ne nîne nîn na نه نیست نیستند نیستیم نگویید نگید
"""
_NOT = frozenset(_NOT_TEXT.split())
_PARTICLES = ("وال", "بال", "فال", "کال", "لل", "ال", "یا", "و", "ف", "ب", "ل", "ک")
_SHORTEST_STEM = 3
_LONGEST_STEM = 16
_REMEMBERED = 8_192
"""Words whose entries are remembered, in all lists: most come again and again."""


class Entry(NamedTuple):
    """One line of a list: what it speaks for, how strongly, and whether only these very letters count."""

    form: str
    clauses: tuple[str, ...]
    score: float
    exact: bool


class Hit(NamedTuple):
    """An entry and the original code points it was found at."""

    entry: Entry
    start: int
    end: int
    score: float


@dataclass(slots=True, eq=False)
class Table:
    """The entries of one list, by the way they are looked up."""

    whole: dict[str, Entry] = field(default_factory=dict)
    prefix: dict[str, Entry] = field(default_factory=dict)
    phrases: dict[str, list[tuple[tuple[str, ...], Entry]]] = field(default_factory=dict)
    masked: dict[tuple[str, int], list[Entry]] = field(default_factory=dict)
    starts: set[str] = field(default_factory=set)

    def add(self, entry: Entry, form: str) -> None:
        """Put an entry under one of its spellings; the first line of a list wins."""
        parts = form.split(" ")
        if len(parts) > 1:
            self.phrases.setdefault(parts[0].rstrip("*"), []).append((tuple(parts), entry))
        elif form.endswith("*"):
            self.prefix.setdefault(form[:-1], entry)
        else:
            self.whole.setdefault(form, entry)
        stem = form.rstrip("*")
        if len(parts) == 1:
            self.starts.add(stem[:_SHORTEST_STEM])
        if len(parts) == 1 and len(stem) > _SHORTEST_STEM and entry.score >= _AMBIGUOUS:
            self.masked.setdefault((stem[0], len(stem)), []).append(entry)

    def look_up(self, word: str) -> Entry | None:
        """Return the entry for a word or for the longest listed beginning of it."""
        entry = self.whole.get(word)
        if entry is not None or not self.prefix:
            return entry
        for size in range(len(word), 1, -1):
            entry = self.prefix.get(word[:size])
            if entry is not None:
                return entry
        return None


class Lexicon:
    """All lists. `find` looks in the language's own list and in the plain words of the others."""

    def __init__(self, own: dict[str, Table], shared: Table) -> None:
        self._own = own
        self._shared = shared

    def find(self, text: Text, language: str, story: frozenset[str] = frozenset()) -> list[Hit]:
        """Return the hits in the order of the text. `story` holds folded words that the story itself uses."""
        tables = [self._own[language]] if language in self._own else list(self._own.values())
        hits = [hit for table in tables for hit in _scan(table, text.words)]
        taken = {at for hit in hits for at in range(hit.start, hit.end)}
        foreign = (hit for hit in _scan(self._shared, text.words) if hit.start not in taken)
        hits.extend(hit._replace(score=hit.score * _FOREIGN) for hit in foreign)
        spans = quotations(text.original) if hits else []
        denials = [n for n, word in enumerate(text.words) if word.form in _NOT] if hits else []
        kept = []
        for hit in hits:
            if hit.entry.score < _AMBIGUOUS and hit.entry.form.rstrip("*") in story:
                continue
            inside = any(start <= hit.start and hit.end <= end for start, end in spans)
            score = hit.score * (_QUOTED if inside else 1) * (_DENIED if _denied(hit, text.words, denials) else 1)
            kept.append(hit._replace(score=score))
        return sorted(kept, key=lambda hit: hit.start)


def load(folder: Path = FOLDER) -> Lexicon:
    """Read `<language>.txt` lists: a line is `word or phrase | clauses | score`; `word*` counts every ending,
    `=word` only these very letters.
    """
    own: dict[str, Table] = {}
    shared = Table()
    for path in sorted(folder.glob("??.txt")) + sorted(folder.glob("???.txt")):
        own[path.stem] = Table()
        for entry in entries(path):
            for form in _spellings(entry, path.stem):
                own[path.stem].add(entry, form)
                if entry.score >= 0.8 and len(form.rstrip("*")) >= 5 and not entry.exact:
                    shared.add(entry, form)
    return Lexicon(own, shared)


def entries(path: Path) -> Iterator[Entry]:
    """Yield the entries of a list in their folded form."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        written, clauses, score = (part.strip() for part in line.split("|"))
        exact = written.startswith("=")
        form = " ".join(_folded(part) for part in written.lstrip("=").split())
        yield Entry(form, tuple(clauses.replace(",", " ").split()), float(score), exact)


def observe(lexicon: Lexicon, text: Text, language: str, story: frozenset[str]) -> Observation:
    """Return a finding for each hit and clause."""
    findings = tuple(
        Finding(
            clause=clause,
            score=round(hit.score, 4),
            quote=text.quote(hit.start, hit.end),
            start=hit.start,
            end=hit.end,
            signal=NAME,
        )
        for hit in lexicon.find(text, language, story)
        for clause in hit.entry.clauses
    )
    scores: dict[str, float] = {}
    for finding in findings:
        scores[finding.clause] = max(finding.score, scores.get(finding.clause, 0.0))
    return Observation(signal=NAME, version=VERSION, scores=scores, findings=findings, facts={"hits": len(findings)})


def quotations(original: str) -> list[tuple[int, int]]:
    """Return the spans between quotation marks, shortest reading, in one pass. An apostrophe inside a word is none."""
    spans: list[tuple[int, int]] = []
    opened: tuple[int, str] | None = None
    for at, char in enumerate(original):
        if char not in _OPENING and char not in _CLOSING:
            continue
        before = original[at - 1] if at else " "
        after = original[at + 1] if at + 1 < len(original) else " "
        if before.isalnum() and after.isalnum():
            continue
        if opened and char == opened[1] and at - opened[0] <= _LONGEST_QUOTE:
            spans.append((opened[0], at + 1))
            opened = None
        elif char in _OPENING and not before.isalnum():
            opened = at, _CLOSING[_OPENING.index(char)]
    return spans


def _denied(hit: Hit, words: Sequence[Token], denials: Sequence[int]) -> bool:
    """Whether a word of denial stands close to a hit. It is only a reason to let a person look."""
    if not denials:
        return False
    place = next(n for n, word in enumerate(words) if word.end > hit.start)
    return any(0 < abs(n - place) <= _NEAR for n in denials)


def _folded(part: str) -> str:
    star = "*" if part.endswith("*") else ""
    tokens = read(part.rstrip("*")).tokens
    return "".join(token.form for token in tokens) + star


def _spellings(entry: Entry, language: str) -> set[str]:
    # Persian letters are on every Persian keyboard, and without them گه is که.
    if entry.exact or language == "fa":
        return {entry.form}
    return {entry.form, letters.deep(entry.form)}


def _scan(table: Table, words: Sequence[Token]) -> Iterator[Hit]:
    for at, token in enumerate(words):
        phrases = _opened(table, token.form)
        phrase = _phrase(phrases, words, at) if phrases else None
        if phrase is not None:
            yield phrase
            continue
        found = _listed(table, token.form, token.scripts)
        if found is not None:
            yield Hit(found[0], token.start, token.end, found[0].score * found[1])
    yield from _spaced(table, words)


@lru_cache(_REMEMBERED)
def _listed(table: Table, form: str, scripts: int) -> tuple[Entry, float] | None:
    if form.isdigit():
        return None
    for word, weight in _readings(form, scripts):
        entry = table.look_up(word)
        if entry is not None and (weight == 1.0 or not entry.exact):
            return entry, weight
    hidden = _masked(table, form)
    return (hidden, _DISGUISED) if hidden is not None else None


def _readings(form: str, scripts: int) -> Iterator[tuple[str, float]]:
    """Yield the ways to read one word, the plain one first, each with how much of the score is left."""
    yield form, 1.0
    plain = letters.deep(form)
    if letters.stretched(form):
        yield letters.squeeze(form), _DISGUISED
        yield letters.squeeze(form, 2), _DISGUISED
    for reading in letters.unleet(form):
        yield reading, _DISGUISED
        yield letters.squeeze(reading), _DISGUISED
    if scripts & letters.LOOKALIKE:
        yield letters.latinised(form), _DISGUISED
    if scripts & letters.ARABIC:
        for particle in _PARTICLES:
            if form.startswith(particle) and len(form) - len(particle) >= _SHORTEST_STEM:
                yield form[len(particle) :], 1.0
        if plain != form and ("ڕ" in form or "ڵ" in form):
            yield form.replace("ڕ", "ر").replace("ڵ", "ل"), 1.0


@lru_cache(_REMEMBERED)
def _opened(table: Table, form: str) -> list[tuple[tuple[str, ...], Entry]]:
    """Return the phrases that a word can open."""
    if not table.phrases:
        return []
    keys = [form, *(form[:size] for size in range(2, min(len(form), _LONGEST_STEM)))]
    if form.startswith("و") and len(form) > _SHORTEST_STEM:
        keys.append(form[1:])
    return [phrase for key in keys for phrase in table.phrases.get(key, ())]


def _phrase(phrases: Sequence[tuple[tuple[str, ...], Entry]], words: Sequence[Token], at: int) -> Hit | None:
    best: Hit | None = None
    for parts, entry in phrases:
        last = at + len(parts) - 1
        if last >= len(words) or (best and best.end >= words[last].end):
            continue
        if all(_fits(part, words[at + n]) for n, part in enumerate(parts)):
            best = Hit(entry, words[at].start, words[last].end, entry.score)
    return best


def _fits(part: str, token: Token) -> bool:
    form = token.form
    if part.endswith("*"):
        return form.startswith(part[:-1])
    return form == part or (form.startswith("و") and form[1:] == part)


def _masked(table: Table, form: str) -> Entry | None:
    """A word with stars for letters: at least its first letter and half of its letters have to be there."""
    if "*" not in form and "#" not in form:
        return None
    shown = [(n, letter) for n, letter in enumerate(form) if letter not in "*#"]
    if not shown or shown[0][0] != 0 or len(shown) * 2 < len(form):
        return None
    fitting = table.masked.get((form[0], len(form)), ())
    return next((entry for entry in fitting if all(entry.form[n] == letter for n, letter in shown)), None)


def _spaced(table: Table, words: Sequence[Token]) -> Iterator[Hit]:
    """Words whose letters stand apart (s p a c e d, d.o.t.t.e.d) and words cut in two."""
    run: list[Token] = []
    for token in [*words, None]:
        if token is not None and len(token.form) == 1 and (not run or token.start - run[-1].end <= 3):
            run.append(token)
            continue
        if len(run) >= _SHORTEST_STEM:
            yield from _joined(table, run)
        run = [token] if token is not None and len(token.form) == 1 else []
    for one, two in itertools.pairwise(words):
        if min(len(one.form), len(two.form)) <= 3 and len(one.form) + len(two.form) >= 6:
            entry = table.whole.get(one.form + two.form)
            if entry is not None and not entry.exact and entry.score >= _AMBIGUOUS:
                yield Hit(entry, one.start, two.end, entry.score * _DISGUISED)


def _joined(table: Table, run: Sequence[Token]) -> Iterator[Hit]:
    spelt = "".join(token.form for token in run)
    at = 0
    while at <= len(run) - _SHORTEST_STEM:
        found = _longest(table, spelt[at : at + _LONGEST_STEM])
        if found is None:
            at += 1
            continue
        entry, size = found
        yield Hit(entry, run[at].start, run[at + size - 1].end, entry.score * _DISGUISED)
        at += size


def _longest(table: Table, spelt: str) -> tuple[Entry, int] | None:
    """Return the longest listed word that begins here, and its length; all letters where a word may go on."""
    for word in (spelt, *letters.unleet(spelt)):
        if word[:_SHORTEST_STEM] not in table.starts:
            continue
        for size in range(len(word), _SHORTEST_STEM - 1, -1):
            entry = table.whole.get(word[:size])
            if entry is not None:
                return entry, size
            entry = table.prefix.get(word[:size])
            if entry is not None:
                return entry, len(word)
    return None
