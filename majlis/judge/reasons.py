"""A kept decision in words: the statement of reasons for an author, and a text cut where words are marked.

It decides nothing and knows no HTML: the pages escape and mark the pieces that come from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import msgspec

from majlis.domain.comment import Actor
from majlis.domain.decision import Finding, Reason, Record, StatementOfReasons
from majlis.domain.guidelines import Guidelines
from majlis.judge.judge import quotes


class Segment(msgspec.Struct, frozen=True):
    """A piece of a comment's own text and the clauses that its words speak for; none where it is unmarked."""

    text: str
    clauses: tuple[str, ...] = ()


def statement(record: Record, guidelines: Guidelines, redress: tuple[str, ...]) -> StatementOfReasons:
    """Return why a comment was not published, for its author, clause by clause in the guidelines' order.

    Args:
        record: the decision as it was kept.
        guidelines: the ones that were applied, in the language of the reader; their words and version are
        cited.
        redress: what the author can do about it, in the reader's language.

    A clause that these guidelines do not hold is cited by its id alone, after the others.
    """
    order = {clause.id: place for place, clause in enumerate(guidelines.clauses)}
    cited = sorted(dict.fromkeys(record.clauses), key=lambda id: order.get(id, len(order)))
    return StatementOfReasons(
        status=record.status,
        at=record.at,
        automated=record.actor == Actor.MACHINE,
        reasons=tuple(_reason(id, guidelines, record.findings) for id in cited),
        note=record.note,
        guidelines=guidelines.version,
        redress=redress,
    )


def segments(text: str, findings: Iterable[Finding]) -> tuple[Segment, ...]:
    """Return the text cut into marked and unmarked pieces, which together are exactly the text.

    Where findings overlap, the piece that they share carries the clauses of both, in the order in which the
    words begin. Neighbours with the same clauses are one piece. A finding that does not quote this text marks
    nothing.
    """
    marks = sorted({(finding.start, finding.end, finding.clause) for finding in findings if quotes(finding, text)})
    edges = sorted({0, len(text), *(start for start, _, _ in marks), *(end for _, end, _ in marks)})
    pieces: list[Segment] = []
    begun: list[tuple[int, int, str]] = []
    upcoming = iter([*marks, (len(text), len(text), "")])
    following = next(upcoming)
    for start, end in pairwise(edges):
        while following[0] <= start:
            begun.append(following)
            following = next(upcoming)
        begun = [mark for mark in begun if mark[1] > start]
        clauses = tuple(dict.fromkeys(clause for _, _, clause in begun))
        if pieces and pieces[-1].clauses == clauses:
            pieces[-1] = Segment(pieces[-1].text + text[start:end], clauses)
        else:
            pieces.append(Segment(text[start:end], clauses))
    return tuple(pieces)


def _reason(id: str, guidelines: Guidelines, findings: tuple[Finding, ...]) -> Reason:
    clause = guidelines.clause(id)
    return Reason(
        clause=id,
        title=clause.title if clause else id,
        text=clause.text if clause else "",
        quotes=tuple(finding for finding in findings if finding.clause == id),
    )
