"""A newsroom's written guidelines, as the judge and the page both read them. Reading Markdown is the judge room's."""

from __future__ import annotations

import msgspec

CLAUSES: tuple[str, ...] = (
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
"""The clause ids of the default guidelines, in the order in which they are shown."""


class Clause(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not accepted. `html` is the clause's text, safe to show; `text` is the same without markup."""

    id: str
    title: str
    text: str
    html: str


class Guidelines(msgspec.Struct, frozen=True, kw_only=True):
    """The guidelines of one language. `version` is `sha256:` and the hash of the file's text."""

    language: str
    title: str
    introduction: str
    introduction_html: str
    clauses: tuple[Clause, ...]
    version: str
    source: str

    def clause(self, id: str) -> Clause | None:
        """Return the clause with this id, or None."""
        return next((clause for clause in self.clauses if clause.id == id), None)


class Examples(msgspec.Struct, frozen=True, kw_only=True):
    """Comments that teach a clause of the newsroom's own: those that break it, and those that do not."""

    clause: str
    broken: tuple[str, ...]
    fine: tuple[str, ...]
