"""A kept decision in words: the statement of reasons for an author, and a text cut where its words are marked."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from majlis.domain.decision import Finding, Record, StatementOfReasons
from majlis.domain.guidelines import Guidelines


class Segment(msgspec.Struct, frozen=True):
    """A piece of a comment's own text and the clauses that its words speak for; none where it is unmarked."""

    text: str
    clauses: tuple[str, ...] = ()


def statement(record: Record, guidelines: Guidelines, redress: tuple[str, ...]) -> StatementOfReasons:
    """Return why a comment was not published, in the newsroom's own words."""
    raise NotImplementedError


def segments(text: str, findings: Iterable[Finding]) -> tuple[Segment, ...]:
    """Return the text cut into marked and unmarked pieces, which together are exactly the text."""
    raise NotImplementedError
