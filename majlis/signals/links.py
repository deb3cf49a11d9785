"""Finds links and the phrases of advertising. A link alone is for a person to look at; never fetches anything."""

from __future__ import annotations

import re
from pathlib import Path

from majlis.domain.decision import Finding, Observation
from majlis.signals.text import Text
from majlis.signals.words import FOLDER, Lexicon, Table, entries

NAME, VERSION = "links", "1"
CLAUSE = "promotion"
PHRASES = FOLDER / "promotion.list"

_LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"]{2,500}"
    r"|(?<![\w@.])[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){0,2}\."
    r"(?:com|net|org|info|biz|shop|store|online|site|xyz|club|app|link|me|ly|io|co|tv|tr|ir|iq|krd|ru|de|uk|ae|sa|eg)"
    r"(?![\w.@])(?:/[^\s<>\"]{0,300})?",
    re.IGNORECASE,
)
_INVITING = ("t.me/", "wa.me/", "chat.whatsapp", "bit.ly", "tinyurl", "goo.gl", "cutt.ly", "telegram.me", "discord.gg")
_NEWS = ("wikipedia.org", "youtube.com", "youtu.be", "gov.", ".gov", "who.int", "un.org")
_MANY = 30


def load(path: Path = PHRASES) -> Lexicon:
    """Read the phrases of all languages."""
    table = Table()
    for entry in entries(path):
        table.add(entry, entry.form)
    return Lexicon({"*": table}, Table())


def observe(phrases: Lexicon, text: Text) -> Observation:
    """Return links and advertising phrases as findings for `promotion`.

    A link scores 0.3, an invitation link or a link beside an advertising phrase as much as rejects.
    """
    hits = phrases.find(text, "*")
    links = [match for _, match in zip(range(_MANY), _LINK.finditer(text.original), strict=False)]
    strongest = max((hit.score for hit in hits), default=0.0)
    spans = [(hit.start, hit.end, _with(hit.score, bool(links), len(hits))) for hit in hits]
    spans += [(match.start(), match.end(), _link(match.group().lower(), strongest, len(links))) for match in links]
    findings = tuple(
        Finding(clause=CLAUSE, score=round(score, 4), quote=text.quote(start, end), start=start, end=end, signal=NAME)
        for start, end, score in sorted(spans)
    )
    scores = {CLAUSE: max(finding.score for finding in findings)} if findings else {}
    return Observation(
        signal=NAME,
        version=VERSION,
        scores=scores,
        findings=findings,
        facts={"links": len(links), "phrases": len(hits)},
    )


def _with(score: float, linked: bool, count: int) -> float:
    """Phrases confirm each other, and a link confirms them."""
    left = 1 - score
    left *= 0.5 if linked else 1
    left *= 0.6 ** (min(count, 4) - 1)
    return 1 - left


def _link(link: str, strongest: float, count: int) -> float:
    if any(name in link for name in _INVITING):
        return 0.93 if strongest >= 0.4 else 0.7
    if strongest >= 0.4:
        return 0.9
    if any(name in link for name in _NEWS):
        return 0.1 if count == 1 else 0.3
    return 0.3 if count < 3 else 0.6
