"""Clauses of the newsroom's own: learned from its examples, measured, replayable, and never more than a referral."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from majlis import errors
from majlis.domain.decision import Decision, Submission, Verdict
from majlis.domain.guidelines import CLAUSES, Clause, Examples, Guidelines
from majlis.judge import examples as written
from majlis.judge import policy as policies
from majlis.judge.judge import judge
from majlis.signals import classifier, encoder
from majlis.signals.gather import Signals, gather, taught
from majlis.signals.learned import LEAST, Learned

SPOILERS = written.parse((Path(__file__).parent / "own" / "spoilers.txt").read_text(encoding="utf-8"), "spoilers")
GUIDELINES = Guidelines(
    language="en",
    title="",
    introduction="",
    introduction_html="",
    clauses=tuple(Clause(id=id, title=id, text="", html="") for id in (*CLAUSES, "spoilers")),
    version="",
    source="",
)
POLICY = policies.parse(Path(policies.__file__).with_name("policy.toml").read_text(encoding="utf-8"))
STORY = {"title": "The Last Ferry in cinemas", "summary": "A film about two sisters and the music of the harbour."}


@pytest.fixture(scope="module")
def own(signals: Signals) -> Signals:
    return taught(signals, [SPOILERS])


def only(signals: Signals) -> Learned:
    (one,) = signals.learned
    return one


def decide(signals: Signals, text: str) -> Decision:
    submission = Submission(text=text, language="en", **STORY)
    return judge(submission, GUIDELINES, gather(signals, submission), POLICY)


def test_a_clause_is_learned_from_fifteen_examples_and_its_quality_is_known(own: Signals) -> None:
    assert only(own).good
    assert only(own).quality.bad == only(own).quality.good == 15
    assert LEAST <= only(own).quality.low < only(own).quality.area


def test_a_comment_like_the_examples_waits_for_a_person_and_is_never_rejected(own: Signals) -> None:
    decision = decide(own, "In the film the harbour burns at the end and both sisters die.")
    assert decision.verdict is Verdict.REFER
    assert decision.clauses[-1] == "spoilers"
    assert not decision.unchecked


def test_a_comment_unlike_the_examples_scores_below_one_like_them(own: Signals) -> None:
    fine, spoiler = (
        decide(own, text).scores["spoilers"]
        for text in ("The music of the film is lovely.", "At the end of the film the older sister is the murderer.")
    )
    assert fine is not None
    assert spoiler is not None
    assert fine < 0.3 < 0.6 < spoiler


def test_examples_that_say_nothing_teach_nothing_and_a_person_decides(signals: Signals) -> None:
    mixed = [*SPOILERS.broken, *SPOILERS.fine]
    nothing = taught(signals, [Examples(clause="spoilers", broken=tuple(mixed[::2]), fine=tuple(mixed[1::2]))])
    decision = decide(nothing, "Good morning, the film begins at eight.")
    assert not only(nothing).good
    assert decision.scores["spoilers"] is None
    assert decision.unchecked == ("clause:spoilers",)
    assert decision.verdict is Verdict.REFER


def test_left_out_scores_are_those_of_learning_anew_without_the_example(signals: Signals) -> None:
    """Labels drawn by lot must not look learned, which they would if an example helped to score itself."""
    rng = np.random.default_rng(5)
    areas = []
    for _ in range(8):
        mixed = list(rng.permutation([*SPOILERS.broken, *SPOILERS.fine]))
        lot = Examples(clause="spoilers", broken=tuple(map(str, mixed[:15])), fine=tuple(map(str, mixed[15:])))
        areas.append(only(taught(signals, [lot])).quality.area)
    assert np.mean(areas) < 0.6


def test_the_version_is_part_of_the_decision_and_changes_with_the_examples(signals: Signals, own: Signals) -> None:
    fewer = taught(signals, [Examples(clause="spoilers", broken=SPOILERS.broken[1:], fine=SPOILERS.fine)])
    assert f"learned@{only(own).version}" in decide(own, "Good morning").model
    assert only(taught(signals, [SPOILERS])).version == only(own).version != only(fewer).version
    assert "learned@" not in decide(signals, "Good morning").model


def test_a_decision_follows_again_from_its_evidence(own: Signals) -> None:
    submission = Submission(text="Spoiler: the captain drowns in the film.", language="en", **STORY)
    evidence = gather(own, submission)
    assert judge(submission, GUIDELINES, evidence, POLICY) == judge(submission, GUIDELINES, evidence, POLICY)
    assert evidence.observations[-1].signal == "learned"


def test_a_comment_that_is_not_read_whole_is_not_answered_for(own: Signals) -> None:
    decision = decide(own, "The film was good and the hall was warm. " * 200)
    assert "clause:spoilers" in decision.unchecked


def test_without_a_classifier_nothing_is_learned(signals: Signals) -> None:
    assert taught(replace(signals, classifier=None), [SPOILERS]).learned == ()


def test_a_network_without_mean_states_is_an_error_that_says_so(tmp_path: Path) -> None:
    network = (classifier.WEIGHTS / encoder.NETWORK).read_bytes()
    (tmp_path / encoder.NETWORK).write_bytes(network.replace(b"\x04mean", b"\x04sums"))
    (tmp_path / encoder.VOCABULARY).write_bytes((classifier.WEIGHTS / encoder.VOCABULARY).read_bytes())
    with pytest.raises(errors.WeightsInvalid, match="no output named mean"):
        encoder.load(tmp_path)
