"""Judging a text that nobody keeps: for files, for programs and for trying things out."""

from __future__ import annotations

from collections.abc import Mapping

from majlis.domain.decision import Decision, Submission
from majlis.domain.guidelines import Guidelines
from majlis.judge.judge import judge
from majlis.judge.policy import Policy
from majlis.signals.gather import Signals, gather


def judge_text(
    signals: Signals,
    guidelines: Mapping[str, Guidelines],
    policy: Policy,
    submission: Submission,
    *,
    default: str,
) -> Decision:
    """Return the decision on a submission under the guidelines of its own language.

    Args:
        guidelines: by language; `default` is used where the submission's language has none.
    """
    evidence = gather(signals, submission, ())
    rules = guidelines.get(evidence.language) or guidelines[default]
    return judge(submission, rules, evidence, policy)
