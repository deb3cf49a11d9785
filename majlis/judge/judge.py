"""The judge: evidence, guidelines and policy in; one decision with its trace out. It sees no signal and no clock."""

from __future__ import annotations

from majlis.domain.decision import Decision, Evidence, Submission
from majlis.domain.guidelines import Guidelines
from majlis.judge.policy import Policy

ANY = "*"
"""The key of `Observation.scores` for "rejected under whatever clause"; it can refer a comment, never reject it."""


def judge(submission: Submission, guidelines: Guidelines, evidence: Evidence, policy: Policy) -> Decision:
    """Return the decision that follows from what was seen. Pure: the same arguments give the same decision."""
    raise NotImplementedError
