"""What follows training: heads learned once more, calibration and relevance, on an encoder that is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from majlis import errors
from majlis.domain.decision import Submission
from majlis.domain.site import LANGUAGES
from majlis.learn import rows as sets
from majlis.learn.closed import centres, places, ridge
from majlis.learn.finish import finish
from majlis.learn.heads import refit
from majlis.learn.rows import Row
from majlis.signals import classifier, gather, relevance

CORPUS = Path(__file__).parents[2] / "corpus"
EVERY = 8
"""Which part of the corpus is learned from here: enough to learn something in a minute."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """A folder of weights, finished anew on a part of the corpus, and the report."""
    folder = tmp_path_factory.mktemp("weights")
    for name in ("encoder.onnx", "encoder.model", "language.npz"):
        shutil.copy(classifier.WEIGHTS / name, folder)
    return folder, finish(folder, sets.corpus(CORPUS)[::EVERY], sets.judged(CORPUS)[::EVERY], seed=1)


def score(folder: Path, submission: Submission, clause: str) -> float:
    """Return what the signals of these weights give a clause."""
    signals = gather.load(folder)
    assert signals.broken is None
    evidence = gather.gather(signals, submission)
    assert not any(one.failed for one in evidence.observations)
    return max(one.scores.get(clause, 0.0) for one in evidence.observations)


def test_finished_weights_can_be_judged_with(finished: tuple[Path, dict[str, object]]) -> None:
    folder, report = finished
    abuse = score(folder, Submission(text="You are a stupid idiot, shut up."), "personal-attack")
    thanks = score(folder, Submission(text="Thank you, this explains the new bus lines well."), "personal-attack")
    assert abuse > 10 * thanks
    assert report["version"] == classifier.load(folder).version


def test_a_recipe_under_a_story_about_buses_is_off_its_topic(finished: tuple[Path, dict[str, object]]) -> None:
    story = {"title": "Two new bus lines to the hospital", "summary": "The council pays for them from May."}
    about = Submission(text="Will the new line stop at the hospital on Sundays too, or only on weekdays?", **story)
    beside = Submission(text="Hello everybody, does anyone have a good recipe for lentil soup with mint?", **story)
    assert score(finished[0], about, "off-topic") < 0.1 < score(finished[0], beside, "off-topic")


def test_relevance_of_another_encoder_is_refused(finished: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    shutil.copytree(finished[0], tmp_path / "mixed")
    shutil.copy(classifier.WEIGHTS / relevance.FILE, tmp_path / "mixed")
    broken = gather.load(tmp_path / "mixed").broken
    assert isinstance(broken, errors.WeightsInvalid)
    assert relevance.FILE in broken.detail


def test_a_language_is_no_evidence_in_what_is_learned_from_states() -> None:
    rng = np.random.default_rng(1)
    languages = [LANGUAGES[number % 3] for number in range(120)]
    broken = rng.random(120) < np.where(np.array(languages) == LANGUAGES[0], 0.9, 0.2)
    states = rng.normal(size=(120, 8))
    states[:, 0] += broken
    rows = [
        Row(text="", labels={"*": float(bad)}, source="", language=language, batch="", split=split)
        for bad, language, split in zip(broken, languages, ["train"] * 90 + ["dev"] * 30, strict=True)
    ]
    logits = np.ones((120, len(classifier.HEADS))) * rng.normal(size=(120, 1))
    far = states + 100 * places(languages)[:, None]

    _, near_weights = refit(logits, states, rows)
    far_centre, far_weights = refit(logits, far, rows)

    assert np.allclose(near_weights, far_weights, atol=1e-4)
    assert np.allclose(far_centre[:3].mean(axis=1), [0, 100, 200], atol=1)
    assert np.argmax(np.abs(near_weights[0])) == 0


def test_a_rare_clause_counts_as_much_as_what_is_common() -> None:
    states = np.array([[1.0, 0.0]] * 2 + [[-1.0, 0.0]] * 98)
    weights = ridge(states, np.arange(100) < 2, 0.1)
    assert states[0] @ weights > 0.8
    assert np.allclose(centres(states, np.zeros(100, dtype=np.int64))[0], states.mean(axis=0))
