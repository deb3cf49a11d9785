"""The judge, rule by rule."""

from __future__ import annotations

import msgspec
import pytest

from majlis.domain.decision import ANY, Submission, Verdict
from majlis.domain.guidelines import Guidelines
from majlis.judge.guidelines import parse
from majlis.judge.judge import judge
from tests.judge.judge_world import IDS, LANES, RULES, TEXT, decide, finding, observation, seen

THREAT = finding("threat", 0.95, 5, 20)
PROMOTION = finding("promotion", 0.85, 22, 46)


def test_a_calm_comment_is_approved() -> None:
    decision = decide(seen(observation({"threat": 0.01})))
    assert decision.verdict is Verdict.APPROVE
    assert decision.scores == {"threat": 0.01, "promotion": 0.0, "off-topic": 0.0}
    assert decision.score == 0.01
    assert decision.clauses == ()
    assert decision.unchecked == ()


def test_exact_words_in_the_reject_lane_reject() -> None:
    decision = decide(seen(observation({"threat": 0.95}, THREAT)))
    assert decision.verdict is Verdict.REJECT
    assert decision.clauses == ("threat",)
    assert decision.findings == (THREAT,)


@pytest.mark.parametrize(("whole", "verdict"), [(0.0, "refer"), (0.1, "refer"), (0.2, "reject"), (0.9, "reject")])
def test_listed_words_do_not_reject_what_seems_fine_as_a_whole(whole: float, verdict: str) -> None:
    classifier = observation({ANY: whole, "threat": 0.0}, signal="classifier")
    decision = decide(seen(observation({"threat": 0.95}, THREAT), classifier))
    assert decision.verdict == verdict
    assert decision.clauses == ("threat",)
    assert decision.findings == (THREAT,)


@pytest.mark.parametrize(
    ("clause", "score", "shown"),
    [("threat", 0.5, False), ("threat", 0.8, True), ("promotion", 0.5, True)],
)
def test_words_are_left_out_beside_far_likelier_ones_of_the_same_clause(clause: str, score: float, shown: bool) -> None:
    part = msgspec.structs.replace(
        THREAT, clause=clause, score=score, quote=THREAT.quote[2:], start=THREAT.start + 2, signal="classifier"
    )
    decision = decide(seen(observation({"threat": 0.95}, THREAT), observation({}, part, signal="classifier")))
    assert (part in decision.findings) is shown
    assert THREAT in decision.findings


def test_what_two_signals_find_under_one_clause_makes_a_rejection_likelier_than_one() -> None:
    classifier = observation({ANY: 0.5, "threat": 0.4}, signal="classifier")
    alone, both = decide(seen(classifier)), decide(seen(observation({}, THREAT), classifier))
    assert alone.score == 0.5
    assert both.score == pytest.approx(20 / 21)
    assert both.scores["threat"] == 0.95


def test_a_clause_that_the_classifier_does_not_know_is_a_reason_of_its_own() -> None:
    decision = decide(
        seen(observation({"off-topic": 0.5}), observation({ANY: 0.5, "threat": 0.1}, signal="classifier"))
    )
    assert decision.scores["off-topic"] == 0.5
    assert decision.score == 0.75


def test_what_a_signal_saw_elsewhere_than_in_the_words_is_a_reason_of_its_own() -> None:
    repeated = observation({"promotion": 0.5}, signal="repetition")
    decision = decide(seen(repeated, observation({ANY: 0.1, "promotion": 0.02}, signal="classifier")))
    assert decision.verdict is Verdict.REFER
    assert decision.scores["promotion"] == 0.5
    assert decision.score == pytest.approx(0.55)


def test_every_reason_is_kept_not_only_the_first() -> None:
    decision = decide(seen(observation({}, PROMOTION, THREAT)))
    assert decision.verdict is Verdict.REJECT
    assert decision.clauses == ("threat", "promotion")
    assert decision.findings == (THREAT, PROMOTION)
    assert decision.scores == {"threat": 0.95, "promotion": 0.85, "off-topic": 0.0}


def test_a_high_score_without_exact_words_is_a_persons() -> None:
    decision = decide(seen(observation({"off-topic": 0.99})))
    assert decision.verdict is Verdict.REFER
    assert decision.clauses == ("off-topic",)


def test_a_high_score_with_weaker_words_is_a_persons() -> None:
    assert decide(seen(observation({"threat": 0.99}, finding("threat", 0.5, 5, 20)))).verdict is Verdict.REFER


def test_a_score_between_the_lanes_is_a_persons() -> None:
    decision = decide(seen(observation({"threat": 0.5}, finding("threat", 0.5, 5, 20))))
    assert decision.verdict is Verdict.REFER
    assert decision.clauses == ("threat",)


def test_the_bounds_belong_to_their_lanes() -> None:
    assert decide(seen(observation({"threat": 0.2}))).verdict is Verdict.APPROVE
    assert decide(seen(observation({}, finding("threat", 0.8, 5, 20)))).verdict is Verdict.REJECT


def test_the_strongest_signal_gives_the_score() -> None:
    decision = decide(seen(observation({"threat": 0.1}), observation({"threat": 0.15}, signal="classifier")))
    assert decision.scores["threat"] == 0.15


def test_a_clause_that_no_signal_covers_keeps_the_comment_from_being_approved() -> None:
    decision = decide(seen(observation(covers=("threat", "promotion"))))
    assert decision.verdict is Verdict.REFER
    assert decision.scores["off-topic"] is None
    assert decision.unchecked == ("clause:off-topic",)


def test_a_clause_that_no_signal_covers_does_not_stop_a_rejection_under_another() -> None:
    assert decide(seen(observation({}, THREAT, covers=("threat",)))).verdict is Verdict.REJECT


def test_a_signal_can_speak_against_a_clause_that_it_does_not_cover() -> None:
    decision = decide(seen(observation({"off-topic": 0.4}, covers=("threat", "promotion"))))
    assert decision.scores["off-topic"] == 0.4
    assert decision.unchecked == ("clause:off-topic",)


def test_a_failed_signal_counts_for_nothing_and_hands_over() -> None:
    broken = observation({"threat": 0.99}, THREAT, signal="classifier", failed="timeout")
    decision = decide(seen(observation(), broken))
    assert decision.verdict is Verdict.REFER
    assert decision.unchecked == ("classifier",)
    assert decision.findings == ()
    assert decision.score == 0.0


def test_a_failed_signal_leaves_even_plain_abuse_to_a_person() -> None:
    decision = decide(seen(observation({}, THREAT), observation(signal="language", failed="timeout")))
    assert decision.verdict is Verdict.REFER
    assert decision.findings == (THREAT,)


@pytest.mark.parametrize(("start", "end"), [(6, 21), (-42, -27), (5, 5), (5, 500)])
def test_a_finding_that_lies_is_dropped_and_its_signal_unchecked(start: int, end: int) -> None:
    lie = finding("threat", 0.95, 5, 20)
    lie = type(lie)(clause="threat", score=0.95, quote=lie.quote, start=start, end=end, signal="words")
    decision = decide(seen(observation({}, lie, PROMOTION)))
    assert decision.findings == (PROMOTION,)
    assert decision.unchecked == ("words",)
    assert decision.verdict is Verdict.REFER


@pytest.mark.parametrize("score", [float("nan"), 1.5, -0.1])
def test_a_score_that_is_no_probability_is_dropped_and_its_signal_unchecked(score: float) -> None:
    decision = decide(seen(observation({"threat": score}), observation(signal="classifier")))
    assert decision.scores["threat"] == 0.0
    assert decision.unchecked == ("words",)
    assert decision.verdict is Verdict.REFER


@pytest.mark.parametrize("language", ["de", "sdh", "", "EN"])
def test_the_machine_decides_nothing_in_a_language_that_it_does_not_speak(language: str) -> None:
    assert decide(seen(observation(), language=language)).verdict is Verdict.REFER
    decision = decide(seen(observation({}, THREAT), language=language))
    assert decision.verdict is Verdict.REFER
    assert decision.unchecked == ("language",)


def test_the_machine_decides_nothing_when_the_language_is_unsure() -> None:
    assert decide(seen(observation(), language_score=0.49)).unchecked == ("language",)
    assert decide(seen(observation({}, THREAT), language_score=0.49)).verdict is Verdict.REFER
    assert decide(seen(observation(), language_score=0.5)).verdict is Verdict.APPROVE


def test_words_under_the_visible_level_are_not_shown() -> None:
    faint = finding("threat", 0.29, 5, 20)
    assert decide(seen(observation({}, faint))).findings == ()


def test_a_clause_that_the_guidelines_do_not_hold_rejects_nothing() -> None:
    rules: Guidelines = parse("# Rules {lang=en}\n## Ads {#promotion}\nNo ads.\n")
    decision = decide(seen(observation({"threat": 0.99}, THREAT)), rules=rules)
    assert decision.verdict is Verdict.APPROVE
    assert decision.findings == ()
    assert decision.scores == {"promotion": 0.0}


def test_a_signal_that_only_sees_that_something_is_wrong_refers_and_never_rejects() -> None:
    decision = decide(seen(observation({ANY: 0.99})))
    assert decision.verdict is Verdict.REFER
    assert decision.score == 0.99
    assert decision.clauses == ()


def test_nothing_seen_at_all_is_never_an_approval() -> None:
    decision = decide(seen())
    assert decision.verdict is Verdict.REFER
    assert decision.unchecked == tuple(f"clause:{id}" for id in IDS)


def test_the_decision_names_the_versions_that_were_applied() -> None:
    decision = judge(Submission(text=TEXT), RULES, seen(observation(), observation(signal="links")), LANES)
    assert decision.guidelines == RULES.version
    assert decision.policy == LANES.version
    assert decision.model == "words@1 links@1"


def test_a_comment_that_is_likely_to_be_rejected_at_all_waits_though_no_clause_is_raised() -> None:
    decision = decide(seen(observation({"*": 0.21, "threat": 0.19})))
    assert (decision.verdict, decision.clauses, decision.score) == (Verdict.REFER, (), 0.21)
    assert ("overall", "refer", "0.210 > 0.2") in [(step.check, step.outcome, step.detail) for step in decision.trace]


def test_the_trace_holds_every_comparison() -> None:
    broken = observation(signal="links", failed="timeout")
    decision = decide(seen(observation({"promotion": 0.5}, THREAT), broken))
    assert [(step.check, step.outcome, step.detail) for step in decision.trace] == [
        ("language", "known", "en is one of en, ar, ckb, kmr, tr, fa"),
        ("language-score", "certain", "0.990 ≥ 0.5"),
        ("signal:words", "heard", ""),
        ("signal:links", "unchecked", "timeout"),
        ("clause:threat", "reject", "0.950 ≥ 0.8, exact words 0.950"),
        ("clause:promotion", "refer", "0.2 < 0.500 < 0.8"),
        ("clause:off-topic", "approve", "0.000 ≤ 0.2"),
        ("overall", "approve", "0.000 ≤ 0.2"),
        ("verdict", "refer", "the language is in doubt or a signal could not answer"),
    ]
