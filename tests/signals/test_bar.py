"""The bar: hand-written comments that no training has seen, through signals, judge and policy as they are shipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from majlis.domain.decision import Decision, Submission, Verdict
from majlis.domain.guidelines import CLAUSES, Clause, Guidelines
from majlis.judge import judge as judging
from majlis.judge import policy as policies
from majlis.signals.gather import Signals, gather

HERE = Path(__file__).parent
POLICY = policies.parse(Path(policies.__file__).with_name("policy.toml").read_text(encoding="utf-8"))
GUIDELINES = Guidelines(
    language="en",
    title="Guidelines",
    introduction="",
    introduction_html="",
    clauses=tuple(Clause(id=clause, title=clause, text="", html="") for clause in CLAUSES),
    version="",
    source="",
)

WAITING = {"Good. Finally some sense in this town.", "لا أتفق مع الكاتب، فالأرقام تقول شيئا آخر."}
"""Comments that should be approved and still wait. One that is approved has to leave this list."""


def comments(language: str) -> list[tuple[frozenset[str], str, str]]:
    lines = (HERE / f"comments.{language}.txt").read_text(encoding="utf-8").splitlines()
    parts = [line.split(" | ", 2) for line in lines if line and not line.startswith("#")]
    return [(frozenset(lanes.split()), clause, text) for lanes, clause, text in parts]


def decide(signals: Signals, text: str, language: str) -> Decision:
    submission = Submission(text=text, language=language)
    return judging.judge(submission, GUIDELINES, gather(signals, submission), POLICY)


@pytest.mark.parametrize("language", ["en", "ar", "ckb", "kmr", "tr", "fa"])
def test_every_comment_of_the_table_lands_in_a_lane_that_an_editor_expects(signals: Signals, language: str) -> None:
    wrong = []
    for lanes, clause, text in comments(language):
        decision = decide(signals, text, language)
        seen = clause == "-" or (decision.scores[clause] or 0.0) > 0.15
        if decision.verdict.value not in lanes or not seen:
            wrong.append(f"{decision.verdict.value}: {text}")
    assert wrong == [f"refer: {text}" for _, _, text in comments(language) if text in WAITING]


@pytest.mark.parametrize("language", ["en", "ar", "tr"])
def test_most_plain_abuse_is_rejected_with_its_words(signals: Signals, language: str) -> None:
    decided = [decide(signals, text, language) for _, clause, text in comments(language) if clause != "-"]
    rejected = [decision for decision in decided if decision.verdict is Verdict.REJECT]
    assert len(rejected) >= 0.7 * len(decided)
    assert all(decision.findings and decision.clauses for decision in rejected)


@pytest.mark.parametrize("language", ["en", "ar", "ckb", "kmr", "tr", "fa"])
def test_no_fair_comment_is_rejected_and_no_abuse_is_approved(signals: Signals, language: str) -> None:
    for _, clause, text in comments(language):
        verdict = decide(signals, text, language).verdict
        assert verdict is not (Verdict.REJECT if clause == "-" else Verdict.APPROVE), text
