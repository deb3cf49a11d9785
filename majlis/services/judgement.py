"""Judging a text that nobody keeps: for files, for programs and for trying things out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from majlis import errors
from majlis.domain.decision import Decision, Evidence, Submission
from majlis.domain.guidelines import Guidelines
from majlis.judge.judge import judge
from majlis.judge.policy import Policy
from majlis.services.newsroom import Newsroom
from majlis.signals.repetition import Recent

if TYPE_CHECKING:
    from majlis.signals.gather import Signals

PATIENCE_SECONDS = 0.8
"""How long a program waits: others' time limits are a second or less."""


def judge_text(
    signals: Signals,
    guidelines: Mapping[str, Guidelines],
    policy: Policy,
    submission: Submission,
    recent: Sequence[Recent] = (),
    *,
    default: str,
) -> tuple[Decision, Evidence]:
    """Return the decision on a submission under the guidelines of its own language, and what was seen in it.

    Args:
        guidelines: by language; `default` is used where the submission's language has none.
        recent: what was sent shortly before.
    """
    from majlis.signals.gather import gather  # and numpy, which only a process that judges is to hold

    evidence = gather(signals, submission, recent)
    rules = guidelines.get(evidence.language) or guidelines[default]
    return judge(submission, rules, evidence, policy), evidence


async def judge_now(
    newsroom: Newsroom, submission: Submission, recent: Sequence[Recent] = ()
) -> tuple[Decision, Evidence]:
    """Judge a submission in the newsroom's own threads, as judge_text.

    Raises:
        errors.JudgeUnavailable: it took longer than PATIENCE_SECONDS.
    """
    loop = asyncio.get_running_loop()
    judging = loop.run_in_executor(
        newsroom.pool,
        lambda: judge_text(
            newsroom.signals(), newsroom.guidelines, newsroom.policy, submission, recent, default=newsroom.language
        ),
    )
    try:
        return await asyncio.wait_for(judging, PATIENCE_SECONDS)
    except TimeoutError:
        raise errors.JudgeUnavailable(
            f"Judging took longer than {PATIENCE_SECONDS} seconds.", hint="Try again in a moment."
        ) from None


def check_heard(evidence: Evidence) -> None:
    """Raise errors.JudgeUnavailable where a signal could not answer, so that its silence is not taken for calm."""
    failed = [one.signal for one in evidence.observations if one.failed]
    if failed:
        raise errors.JudgeUnavailable(f"A signal could not answer: {', '.join(failed)}.", hint="See /readyz.")
