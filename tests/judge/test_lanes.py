"""The policy: which lane counts, and what is refused by the name of its key."""

from __future__ import annotations

from pathlib import Path

import pytest

import majlis
from majlis.domain.guidelines import CLAUSES
from majlis.domain.site import LANGUAGES
from majlis.errors import ConfigInvalid
from majlis.judge.policy import Lane, parse

GOOD = """
visible = 0.3
certain = 0.5
[overall]
"*" = 0.2
ckb = 0.1
[lanes."*"]
"*" = { approve = 0.2, reject = 0.8 }
ckb = { approve = 0.1, reject = 0.9 }
[lanes.threat]
"*" = { approve = 0.05, reject = 0.7 }
ar = { approve = 0.04, reject = 0.6 }
"""


@pytest.mark.parametrize(
    ("clause", "language", "approve"),
    [
        ("threat", "ar", 0.04),
        ("threat", "ckb", 0.05),
        ("racism", "ckb", 0.1),
        ("racism", "tr", 0.2),
    ],
)
def test_the_nearest_lane_counts(clause: str, language: str, approve: float) -> None:
    assert parse(GOOD).lane(clause, language).approve == approve


def test_the_overall_bound_falls_back_to_every_language() -> None:
    assert parse(GOOD).approvable("ckb") == 0.1
    assert parse(GOOD).approvable("tr") == 0.2


def test_the_version_changes_with_the_text() -> None:
    assert parse(GOOD) == parse(GOOD)
    assert parse(GOOD).version != parse(GOOD + "# tuned\n").version


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("visible = 0.3", "visible = 1.3", "visible"),
        ("visible = 0.3", "visible = nan", "visible"),
        ("visible = 0.3", "visible = true", "visible"),
        ("visible = 0.3", "visible = 0.65", "visible"),
        ("visible = 0.3", "", "visible"),
        ("certain = 0.5", "certain = '0.5'", "certain"),
        ("certain = 0.5", "certain = 0.5\ncertainly = 1", "certainly"),
        ('"*" = 0.2', "tr = 0.2", "overall.*"),
        ("ckb = 0.1", "CKB = 0.1", "overall.CKB"),
        ("[lanes.threat]", "[lanes.Threat]", "lanes.Threat"),
        ('[lanes."*"]', "[lanes.racism]", "lanes.*.*"),
        ("approve = 0.04, reject = 0.6", "approve = 0.6, reject = 0.6", "lanes.threat.ar.approve"),
        ("approve = 0.04, reject = 0.6", "approve = 0.04", "lanes.threat.ar.reject"),
        ("approve = 0.04, reject = 0.6", "approve = 0.04, reject = 0.6, refer = 0.1", "lanes.threat.ar.refer"),
        ("ar = { approve = 0.04, reject = 0.6 }", "ar = 0.6", "lanes.threat.ar"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused_by_its_key(old: str, new: str, key: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigInvalid) as caught:
        parse(GOOD.replace(old, new, 1))
    assert caught.value.field == key
    assert key in caught.value.detail


def test_a_policy_that_is_no_toml_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="not TOML"):
        parse("visible 0.3")


def test_the_default_policy_has_a_lane_for_every_clause_and_language() -> None:
    policy = parse((Path(majlis.__file__).parent / "judge" / "policy.toml").read_text("utf-8"))
    for clause in CLAUSES:
        for language in LANGUAGES:
            assert isinstance(policy.lane(clause, language), Lane)
