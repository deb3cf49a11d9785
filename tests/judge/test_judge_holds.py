"""What holds for every text and all evidence, true or not."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from majlis.domain.decision import Decision, Evidence, Verdict
from majlis.domain.site import LANGUAGES
from tests.judge.judge_world import IDS, LANES, RULES, calm_cases, cases, decide


@given(cases())
def test_a_quote_is_always_the_words_that_it_points_at(case: tuple[str, Evidence]) -> None:
    text, evidence = case
    for finding in decide(evidence, text).findings:
        assert 0 <= finding.start < finding.end
        assert text[finding.start : finding.end] == finding.quote
        assert finding.clause in IDS


@given(st.one_of(cases(), calm_cases()))
def test_nothing_unchecked_is_ever_approved(case: tuple[str, Evidence]) -> None:
    text, evidence = case
    decision = decide(evidence, text)
    if decision.verdict is Verdict.APPROVE:
        assert decision.unchecked == ()
        assert not any(observation.failed for observation in evidence.observations)
        assert evidence.language in LANGUAGES
        assert all(score is not None and score <= 0.2 for score in decision.scores.values())
        assert decision.score <= 0.2


@given(st.one_of(cases(), calm_cases()))
def test_a_rejection_always_cites_a_clause_and_exact_words(case: tuple[str, Evidence]) -> None:
    text, evidence = case
    decision = decide(evidence, text)
    if decision.verdict is Verdict.REJECT:
        assert decision.clauses
        for clause in decision.clauses:
            assert any(f.clause == clause and f.score >= 0.8 for f in decision.findings)


@given(st.one_of(cases(), calm_cases()))
def test_scores_have_every_clause_and_none_is_above_the_overall_score(case: tuple[str, Evidence]) -> None:
    text, evidence = case
    decision = decide(evidence, text)
    assert tuple(decision.scores) == tuple(clause.id for clause in RULES.clauses)
    assert all(score is None or 0 <= score <= decision.score <= 1 for score in decision.scores.values())
    for clause, score in decision.scores.items():
        assert score is not None or f"clause:{clause}" in decision.unchecked


@given(calm_cases(), st.sampled_from(IDS), st.floats(0, 1))
def test_raising_a_score_never_makes_the_judge_milder(case: tuple[str, Evidence], clause: str, by: float) -> None:
    severity = [Verdict.APPROVE, Verdict.REFER, Verdict.REJECT]
    text, evidence = case
    (seen,) = evidence.observations
    higher = max(seen.scores[clause], by)
    raised = msgspec.structs.replace(seen, scores={**seen.scores, clause: higher})
    before, after = decide(evidence, text), decide(msgspec.structs.replace(evidence, observations=(raised,)), text)
    assert severity.index(after.verdict) >= severity.index(before.verdict)


@given(st.one_of(cases(), calm_cases()))
def test_a_decision_can_be_made_again_from_what_was_kept(case: tuple[str, Evidence]) -> None:
    text, evidence = case
    kept = [observation for observation in evidence.observations if all(s < 2 for s in observation.scores.values())]
    kept = [observation for observation in kept if all(f.score < 2 for f in observation.findings)]
    evidence = msgspec.structs.replace(evidence, observations=tuple(kept))
    decision = decide(evidence, text)
    assert decide(evidence, text) == decision
    replayed = decide(msgspec.json.decode(msgspec.json.encode(evidence), type=Evidence), text)
    assert replayed == decision
    assert msgspec.json.decode(msgspec.json.encode(decision), type=Decision) == replayed
    assert decision.policy == LANES.version


@given(calm_cases())
def test_the_order_of_the_signals_does_not_change_the_verdict(case: tuple[str, Evidence]) -> None:
    text, evidence = case
    quiet = msgspec.structs.replace(evidence.observations[0], signal="links", scores={}, findings=())
    one = msgspec.structs.replace(evidence, observations=(evidence.observations[0], quiet))
    other = msgspec.structs.replace(evidence, observations=(quiet, evidence.observations[0]))
    first, second = decide(one, text), decide(other, text)
    assert (first.verdict, first.scores, first.findings) == (second.verdict, second.scores, second.findings)
