"""Statements of reasons, and texts cut where their words are marked."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from majlis.domain.decision import Finding, Record, Verdict
from majlis.judge.reasons import Segment, segments, statement
from tests.judge.judge_world import RULES, TEXT, finding, findings_in

THREAT = finding("threat", 0.95, 5, 20)
PROMOTION = finding("promotion", 0.85, 22, 46)
RECORD = Record(
    id="1",
    site="courier",
    comment="2",
    at=1_700_000_000_000,
    actor="machine",
    verdict=Verdict.REJECT,
    status="rejected",
    clauses=("promotion", "threat"),
    findings=(THREAT, PROMOTION),
)


def test_a_statement_cites_the_newsrooms_words_and_the_readers_words() -> None:
    said = statement(RECORD, RULES, ("Object here.",))
    assert said.status == "rejected"
    assert said.at == RECORD.at
    assert [(reason.clause, reason.title, reason.text) for reason in said.reasons] == [
        ("threat", "Threats", "No threats, not even as a joke."),
        ("promotion", "Promotion", "No advertising."),
    ]
    assert said.reasons[0].quotes == (THREAT,)
    assert said.reasons[0].quotes[0].quote == "I will find you"
    assert said.guidelines == RULES.version
    assert said.redress == ("Object here.",)


def test_a_statement_says_whether_a_machine_or_a_person_decided() -> None:
    charlie = msgspec.structs.replace(RECORD, actor="charlie", note="See the second paragraph.")
    assert statement(RECORD, RULES, ()).automated is True
    assert statement(charlie, RULES, ()).automated is False
    assert statement(charlie, RULES, ()).note == "See the second paragraph."


def test_a_clause_that_the_guidelines_no_longer_hold_is_cited_by_its_id() -> None:
    old = msgspec.structs.replace(RECORD, clauses=("spoilers", "threat"))
    assert [reason.title for reason in statement(old, RULES, ()).reasons] == ["Threats", "spoilers"]


def test_a_text_is_cut_where_its_words_are_marked() -> None:
    assert segments(TEXT, (THREAT, PROMOTION)) == (
        Segment("Bob, "),
        Segment("I will find you", ("threat",)),
        Segment(". "),
        Segment("Buy shoes at example.com", ("promotion",)),
        Segment("!"),
    )


def test_overlapping_words_carry_the_clauses_of_both() -> None:
    found = (finding("threat", 0.9, 0, 3, text="abcdef"), finding("racism", 0.9, 2, 6, text="abcdef"))
    assert segments("abcdef", found) == (
        Segment("ab", ("threat",)),
        Segment("c", ("threat", "racism")),
        Segment("def", ("racism",)),
    )


def test_touching_words_of_one_clause_are_one_piece() -> None:
    found = (finding("threat", 0.9, 0, 3, text="abcdef"), finding("threat", 0.4, 3, 6, text="abcdef"))
    assert segments("abcdef", found) == (Segment("abcdef", ("threat",)),)


def test_a_finding_of_another_text_marks_nothing() -> None:
    assert segments("Good morning, Charlie.", (THREAT,)) == (Segment("Good morning, Charlie."),)
    assert segments("", (THREAT,)) == ()


@given(st.text(max_size=20).flatmap(lambda text: st.tuples(st.just(text), st.lists(findings_in(text), max_size=6))))
def test_the_pieces_are_exactly_the_text_and_marked_where_it_was_found(case: tuple[str, list[Finding]]) -> None:
    text, found = case
    pieces = segments(text, found)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)
    clauses = [set(piece.clauses) for piece in pieces for _ in piece.text]
    for place in range(len(text)):
        true = (f for f in found if 0 <= f.start < f.end <= len(text) and text[f.start : f.end] == f.quote)
        assert clauses[place] == {f.clause for f in true if f.start <= place < f.end}
