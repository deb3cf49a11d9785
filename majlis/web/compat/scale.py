"""Moves probabilities to the scale of Perspective and OpenAI, whose clients compare them with bounds of their own.

Ours are those of a comment under the news, of which few are rejected. Theirs were fitted on as many texts of either
kind, so that a bound of 0.5 or 0.8 means something else. It changes no order and no verdict.
"""

from __future__ import annotations

import msgspec

from majlis.domain.decision import NATURAL_RATE, Decision

_ODDS = (1 - NATURAL_RATE) / NATURAL_RATE


def evened(decision: Decision) -> Decision:
    """Return the decision with the probabilities that it would have if half of all comments were to be rejected.

    Bayes' rule: what speaks for a rejection counts as many times more as rejections are more frequent, so that the
    score, each clause's and each finding's grow by the same factor.
    """
    grown = _ODDS / (1 + (_ODDS - 1) * decision.score)
    return msgspec.structs.replace(
        decision,
        score=decision.score * grown,
        scores={
            clause: None if score is None else min(1.0, score * grown) for clause, score in decision.scores.items()
        },
        findings=tuple(msgspec.structs.replace(one, score=min(1.0, one.score * grown)) for one in decision.findings),
    )
