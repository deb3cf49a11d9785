"""The functional cases: the files are whole, and what must never happen at the default policy does not happen.

How many of the rest the judge gets right is measured by `majlis evaluate` and not asserted here.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from majlis import errors
from majlis.domain.decision import Submission, Verdict
from majlis.domain.site import LANGUAGES
from majlis.judge import policy as policies
from majlis.judge.judge import judge
from majlis.learn import cases
from majlis.learn.cases import BLUNT_KINDS, KINDS, Pair
from majlis.learn.outcomes import GUIDELINES
from majlis.signals.gather import Signals, gather

FOLDER = Path(__file__).parent / "cases"
PAIRS = cases.read(FOLDER)
POLICY = policies.parse(Path(policies.__file__).with_name("policy.toml").read_text(encoding="utf-8"))


def known_failures() -> dict[str, str]:
    lines = (FOLDER / "known-failures.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines if line and not line.startswith("#"))


KNOWN = known_failures()


def never(side: str) -> list[ParameterSet]:
    """Every case of which something must never happen; one that is known to fail has to fail."""
    found = []
    for pair in PAIRS:
        if side == "fair" or pair.kind in BLUNT_KINDS:
            name = f"{pair.name} {side}"
            marks = [pytest.mark.xfail(strict=True, reason=KNOWN[name])] if name in KNOWN else []
            found.append(pytest.param(pair, id=name, marks=marks))
    return found


def verdict(signals: Signals, pair: Pair, text: str) -> Verdict:
    submission = Submission(text=text, language=pair.language, title=pair.title, summary=pair.summary)
    return judge(submission, GUIDELINES, gather(signals, submission), POLICY).verdict


@pytest.mark.parametrize("pair", never("fair"))
def test_a_fair_comment_is_never_rejected_by_the_machine(signals: Signals, pair: Pair) -> None:
    assert verdict(signals, pair, pair.fair) is not Verdict.REJECT


@pytest.mark.parametrize("pair", never("unfair"))
def test_a_blunt_comment_is_never_approved_by_the_machine(signals: Signals, pair: Pair) -> None:
    assert verdict(signals, pair, pair.unfair) is not Verdict.APPROVE


def test_every_language_has_two_pairs_of_each_of_thirty_kinds() -> None:
    counts = Counter((pair.language, pair.kind) for pair in PAIRS)
    assert len(KINDS) == 30
    assert [(language, kind) for language in LANGUAGES for kind in KINDS if counts[language, kind] < 2] == []


def test_no_case_is_a_row_of_the_corpus() -> None:
    corpus = FOLDER.parents[2] / "corpus"
    written = "".join(path.read_text(encoding="utf-8") for path in sorted(corpus.glob("*.jsonl")))
    assert [pair.name for pair in PAIRS if pair.fair in written or pair.unfair in written] == []


def test_a_known_failure_names_a_case_that_is_asserted() -> None:
    names = {str(one.id) for side in ("fair", "unfair") for one in never(side)}
    assert set(KNOWN) <= names


STORY = "Story bridge: A bridge | It opens on Monday.\n# irony\nStory: bridge\n"


def test_a_pair_has_its_story_its_kind_and_its_clauses() -> None:
    (pair,) = cases.parse(f"{STORY}Fair: Well done.\nNote: sharp\nUnfair (threat, racism): Burn it: now.", "en")
    assert (pair.name, pair.title, pair.summary) == ("en irony 1", "A bridge", "It opens on Monday.")
    assert (pair.fair, pair.unfair, pair.clauses) == ("Well done.", "Burn it: now.", ("threat", "racism"))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("Well done", "line 4: 'Well done' is nothing that is known here"),
        ("# wit", "line 4: The kind 'wit' is not known"),
        ("Fair:", "line 4: Nothing stands behind Fair"),
        ("Story: tunnel", "line 4: No story is called 'tunnel'"),
        ("Story tunnel: A tunnel", "line 4: A story has a title and a summary"),
        ("Unfair (threat): Burn it.", "line 4: An unfair comment follows a fair one"),
        ("Fair: Well done.\nUnfair (rude): Burn it.", "line 5: The clause 'rude' is not known"),
        ("Fair: Well done.\nUnfair: Burn it.", "line 5: The clause '' is not known"),
        ("Fair: Well done.\nFair: Good.", "line 5: The fair comment before this line has no unfair one"),
        ("Fair: Well done.", "line 4: The fair comment before this line has no unfair one"),
        ("Fair: Burn it.\nUnfair (threat): Burn it.", "line 5: This comment stands on line 4 already"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_what_is_wrong(lines: str, said: str) -> None:
    with pytest.raises(errors.Unreadable, match=r"en\.txt") as caught:
        cases.parse(STORY + lines, "en")
    assert said in caught.value.detail
    assert caught.value.hint


def test_a_folder_without_cases_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(errors.Unreadable, match="no cases"):
        cases.read(tmp_path)
