"""All signals together on one submission."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from majlis import errors
from majlis.domain.decision import Observation, Submission
from majlis.domain.guidelines import CLAUSES
from majlis.signals import classifier, encoder, language
from majlis.signals.gather import CHECKS, Signals, covered, gather, load
from tests.conftest import seconds_of

SIGNALS = load()


def test_every_signal_reports_once_and_every_default_clause_is_covered() -> None:
    evidence = gather(SIGNALS, Submission(text="A good report, thank you."))
    assert [one.signal for one in evidence.observations] == [language.NAME, *(name for name, _ in CHECKS)]
    assert covered() == set(CLAUSES)
    assert {clause for one in evidence.observations for clause in one.covers} == covered()


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(exclude_categories=()), max_size=300), st.sampled_from([None, "en", "ckb", "xx", ""]))
def test_no_text_makes_a_signal_fail_and_every_quote_is_exact(text: str, hint: str | None) -> None:
    evidence = gather(SIGNALS, Submission(text=text, language=hint))
    for observation in evidence.observations:
        assert observation.failed == ""
        assert all(0 <= score <= 1 for score in observation.scores.values())
        for finding in observation.findings:
            assert finding.quote == text[finding.start : finding.end] != ""


def test_a_signal_that_raises_is_recorded_and_stops_no_other() -> None:
    class Broken(language.Identifier):
        def find(self, text: str, hint: str | None = None) -> language.Found:
            raise RuntimeError(f"{len(text)} code points, hint {hint}")

    broken = dataclasses.replace(SIGNALS, language=Broken(np.zeros((1, 7), np.float32), np.zeros(7, np.float32)))
    evidence = gather(broken, Submission(text="Fuck off"))
    assert [one.signal for one in evidence.observations if one.failed] == [language.NAME]
    assert evidence.language == "und"
    assert any(one.findings for one in evidence.observations)


@pytest.mark.parametrize("file", ["calibration.npz", "encoder.onnx", "encoder.model", "spelling.tsv", "relevance.npz"])
@pytest.mark.parametrize("damage", ["missing", "cut", "empty", "other"])
def test_damaged_weights_leave_the_classifier_unchecked_and_all_else_working(
    tmp_path: Path, file: str, damage: str
) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(classifier.WEIGHTS, folder)
    whole = (folder / file).read_bytes()
    if damage == "missing":
        (folder / file).unlink()
    elif damage == "cut":
        (folder / file).write_bytes(whole[: len(whole) // 2])
    elif damage == "empty":
        (folder / file).write_bytes(b"")
    else:
        np.savez(folder / "other.npz", heads=np.array(["x"]))
        (folder / "other.npz").rename(folder / file)
    if file != "relevance.npz":
        with pytest.raises(errors.WeightsInvalid):
            classifier.load(folder)
    signals = load(folder)
    assert isinstance(signals.broken, errors.WeightsInvalid)
    evidence = gather(signals, Submission(text="Fuck off"))
    failed = {one.signal: one.failed for one in evidence.observations if one.failed}
    assert failed == {"classifier": "weights-invalid", "relevance": "weights-invalid"}


def classified(text: str) -> Observation:
    """Return what the classifier sees."""
    return next(one for one in gather(SIGNALS, Submission(text=text)).observations if one.signal == "classifier")


def test_one_abusive_sentence_in_a_long_polite_comment_is_seen_and_quoted() -> None:
    polite = "The council has planned this road for years and the report explains it well. " * 12
    alone, seen = classified(polite + polite), classified(f"{polite}The author is a stupid piece of shit. {polite}")
    assert seen.scores["personal-attack"] > 20 * alone.scores["personal-attack"]
    assert seen.scores["personal-attack"] > 0.3
    assert {"stupid", "shit"} <= {word for finding in seen.findings for word in finding.quote.split()}
    assert all(finding.quote in "The author is a stupid piece of shit." for finding in seen.findings)


def test_a_comment_too_long_to_be_read_whole_is_read_at_its_end_too_and_answered_for_by_nobody() -> None:
    polite = "The council has planned this road for years and the report explains it well. " * 200
    text = f"{polite}The author is a stupid piece of shit."
    seen = classified(text)
    assert seen.covers == ()
    assert any(finding.start > len(polite) for finding in seen.findings)


def test_a_story_makes_a_long_comment_about_something_else_less_likely_to_be_on_topic() -> None:
    text = "My cousin bakes wonderful bread with olives every Friday and the neighbours come from three streets away"
    about = Submission(text=text, title="Neighbours bake bread on Fridays")
    beside = Submission(text=text, title="Parliament votes on the electricity law")
    alone = Submission(text=text)

    def off_topic(submission: Submission) -> float:
        return max(one.scores.get("off-topic", 0.0) for one in gather(SIGNALS, submission).observations)

    assert off_topic(alone) <= off_topic(about) < 0.1 < off_topic(beside) < 0.8


@pytest.mark.parametrize(
    "piece", ["a", "!?", "این خبر خوب بود ", "f*", "0770-", "ﷺ", "a@b.", "\u0301", "شـ", "www.", "["]
)
def test_twenty_kilobytes_of_anything_are_read_in_a_moment(signals: Signals, piece: str) -> None:
    submission = Submission(text=(piece * 20_000)[: 20_000 // max(1, len(piece.encode()) // len(piece))])
    assert seconds_of(lambda: gather(signals, submission)) < 0.5


def test_an_insult_between_polite_sentences_keeps_a_comment_from_being_approved() -> None:
    polite = (
        "The council has planned this road for years. The report explains it well. I was there and saw it in spring. "
    )
    insult = "You are an idiot and so is everybody who reads this rubbish. "

    assert classified(polite + insult + polite).scores["*"] >= 0.15
    assert classified(polite + polite + polite).scores["*"] < 0.05


@given(
    st.lists(
        st.sampled_from(["Short one. ", "A somewhat longer sentence about the bridge! ", "word " * 40]), max_size=12
    )
)
@settings(deadline=None, max_examples=20)
def test_the_parts_of_a_long_text_lie_side_by_side(sentences: list[str]) -> None:
    text = "".join(sentences)
    spans = [(place, place + 1) for place in range(len(text))][::4]

    parts = list(encoder._parts(text, spans))

    assert [first for first, _ in parts] == [0, *(last for _, last in parts[:-1])][: len(parts)]
    assert (parts[-1][1] if parts else 0) == len(spans)
    assert all(0 < last - first <= encoder.PART for first, last in parts)
