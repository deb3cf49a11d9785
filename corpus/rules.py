"""What a row of the corpus must be: its fields, names and the checks on one row and one pair.

Used by expand.py (on batch files) and check.py (on JSONL). It must not read or write files, and it must not
know the counts that the whole corpus is to reach; those are check.py's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

LANGUAGES = ("en", "ar", "ckb", "kmr", "tr", "fa")
CLAUSES = (
    "profanity",
    "vulgarity",
    "threat",
    "personal-attack",
    "sexism",
    "racism",
    "homophobia",
    "xenophobia",
    "promotion",
    "private-data",
    "off-topic",
)
HATE = frozenset({"sexism", "racism", "homophobia", "xenophobia"})
SPLITS = ("train", "dev", "test")

PLAIN_FAIR = frozenset({"praise", "question", "correction", "witness", "plain-opinion"})
HARD_FAIR = frozenset(
    {
        "publisher-criticism",
        "government-criticism",
        "religion-institution-criticism",
        "disagreement",
        "counter-speech",
        "quoting-abuse",
        "neutral-identity",
        "proud-identity",
        "reclaimed",
        "violence-news",
        "memory",
        "swearing-at-things",
        "irony",
        "humour",
        "named-shop-on-topic",
        "fair-criticism",
        "public-phone",
        "negated-abuse",
        "homonym",
    }
)
# The clause that a kind promises; a row of such a kind without it is a slip of the pen.
PROMISED: Mapping[str, frozenset[str]] = {
    "blunt-profanity": frozenset({"profanity"}),
    "vulgar": frozenset({"vulgarity"}),
    "blunt-threat": frozenset({"threat"}),
    "veiled-threat": frozenset({"threat"}),
    "conditional-threat": frozenset({"threat"}),
    "death-wish": frozenset({"threat"}),
    "insult-author": frozenset({"personal-attack"}),
    "insult-reader": frozenset({"personal-attack"}),
    "insult-public-person": frozenset({"personal-attack"}),
    "praise-as-insult": frozenset({"personal-attack", *HATE}),
    "sexist": frozenset({"sexism"}),
    "racist": frozenset({"racism"}),
    "homophobic": frozenset({"homophobia"}),
    "xenophobic": frozenset({"xenophobia"}),
    "implied-hate": HATE,
    "dehumanising": HATE | {"personal-attack"},
    "promo-blunt": frozenset({"promotion"}),
    "promo-on-topic": frozenset({"promotion"}),
    "promo-self": frozenset({"promotion"}),
    "doxxing": frozenset({"private-data"}),
    "off-topic-friendly": frozenset({"off-topic"}),
    "off-topic-rant": frozenset({"off-topic"}),
}
DISGUISED = frozenset(
    {
        "disguised-leet",
        "disguised-spacing",
        "disguised-stretch",
        "disguised-homoglyph",
        "disguised-keyboard",
    }
)
KINDS = PLAIN_FAIR | HARD_FAIR | DISGUISED | frozenset(PROMISED) | {"mixed-language", "reply-disagreement"}

FEWEST_WORDS, MOST_WORDS = 2, 120
LEAST_LIKENESS_OF_A_PAIR = 0.3
_VARIETY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FIELDS = (
    "id",
    "lang",
    "text",
    "story",
    "parent",
    "clauses",
    "quotes",
    "kind",
    "variety",
    "pair",
    "batch",
    "split",
    "blind",
)

Row = dict[str, Any]


def faults_of_row(row: Row) -> Iterator[str]:
    """Yield what is wrong with one row of the published schema, in words; nothing for a good row."""
    if tuple(row) != _FIELDS:
        yield f"fields are {', '.join(row)}; expected {', '.join(_FIELDS)}"
        return
    lang, text, story = row["lang"], row["text"], row["story"]
    if lang not in LANGUAGES:
        yield f"unknown language {lang!r}"
    if not isinstance(text, str) or text != text.strip():
        yield "text is not a string without blanks at its ends"
        return
    if not FEWEST_WORDS <= len(text.split()) <= MOST_WORDS:
        yield f"text has {len(text.split())} words; {FEWEST_WORDS} to {MOST_WORDS} are allowed"
    if not isinstance(story, dict) or list(story) != ["title", "summary"] or not all(map(_is_said, story.values())):
        yield "story needs a title and a summary"
    if row["parent"] is not None and not _is_said(row["parent"]):
        yield "parent is neither null nor text"
    yield from _faults_of_labels(text, row["clauses"], row["quotes"])
    yield from _faults_of_kind(row["kind"], row["clauses"])
    if not isinstance(row["variety"], str) or not _VARIETY.fullmatch(row["variety"]):
        yield f"variety {row['variety']!r} is not lower-case-with-hyphens"
    elif row["variety"].split("-")[0] != lang:
        yield f"variety {row['variety']!r} does not begin with the language"
    if row["pair"] is not None and not _is_said(row["pair"]):
        yield "pair is neither null nor a name"
    if not isinstance(row["batch"], str) or not re.fullmatch(rf"{lang}-\d{{2,3}}", row["batch"]):
        yield f"batch {row['batch']!r} is not the language and two or three digits"
    if row["split"] not in SPLITS:
        yield f"split {row['split']!r} is not one of {', '.join(SPLITS)}"
    if row["blind"] is not None:
        yield from (f"blind: {fault}" for fault in _faults_of_clauses(row["blind"]))


def faults_of_pair(rows: Sequence[Row]) -> Iterator[str]:
    """Yield what is wrong with the rows of one pair: two, of one batch, alike, judged differently."""
    if len(rows) != 2:
        yield f"a pair has two rows, this has {len(rows)}"
        return
    first, second = rows
    if first["batch"] != second["batch"]:
        yield "the rows stand in two batches"
    if set(first["clauses"]) == set(second["clauses"]):
        yield "both rows have the same clauses; the label must flip"
    if likeness(first["text"], second["text"]) < LEAST_LIKENESS_OF_A_PAIR:
        yield "the texts differ too much for a minimal pair"


def likeness(first: str, second: str) -> float:
    """Return how much two texts share in order, 0 to 1, letter by letter."""
    return SequenceMatcher(None, folded(first), folded(second), autojunk=False).ratio()


def folded(text: str) -> str:
    """Return a copy for comparing: lower case, one form per letter, letters and digits with single blanks."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_ONE_FORM)
    return " ".join(re.sub(r"[^\w]+", " ", plain).split())


def is_fair(row: Row) -> bool:
    """Return whether a fair moderator approves the row."""
    return not row["clauses"]


# Arabic-script letters that keyboards exchange; marks and tatweel are dropped.
_ONE_FORM = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ۀ": "ه", "ـ": None}
    | dict.fromkeys(map(chr, range(0x064B, 0x0653)))
)


def _is_said(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _faults_of_clauses(clauses: object) -> Iterator[str]:
    if not isinstance(clauses, list):
        yield "clauses is not a list"
        return
    for clause in clauses:
        if clause not in CLAUSES:
            yield f"unknown clause {clause!r}"
    if len(set(map(str, clauses))) != len(clauses):
        yield "a clause is named twice"


def _faults_of_labels(text: str, clauses: object, quotes: object) -> Iterator[str]:
    yield from _faults_of_clauses(clauses)
    if not isinstance(quotes, list):
        yield "quotes is not a list"
        return
    for quote in quotes:
        if not _is_said(quote) or quote not in text:
            yield f"quote {quote!r} is not an exact part of the text"
    if bool(clauses) != bool(quotes):
        yield "a violation needs a quote, a fair comment has none"


def _faults_of_kind(kind: object, clauses: object) -> Iterator[str]:
    if kind not in KINDS:
        yield f"unknown kind {kind!r}"
        return
    promised = PROMISED.get(str(kind))
    if promised and isinstance(clauses, list) and not promised & set(map(str, clauses)):
        yield f"kind {kind} promises {' or '.join(sorted(promised))}"
    if kind in PLAIN_FAIR and clauses:
        yield f"kind {kind} is for fair comments"
