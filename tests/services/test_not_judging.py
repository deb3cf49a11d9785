"""A process that does not judge takes comments all the same, and leaves them to one that does."""

from __future__ import annotations

import dataclasses

from majlis.domain.comment import Status
from majlis.domain.decision import Submission
from majlis.domain.site import Story
from majlis.services.newsroom import Newsroom
from majlis.services.review import sweep
from majlis.services.submit import Draft, submit
from majlis.signals.gather import gather, load


async def test_a_comment_waits_for_a_process_that_judges(newsroom: Newsroom, story: Story) -> None:
    taking = dataclasses.replace(newsroom, judging=False)
    draft = Draft(url=story.url, body="When does the bridge open again?", name="charlie", address="192.0.2.7")

    taken = await submit(taking, draft)

    assert (taken.comment.status, taken.comment.risk, taken.record) == (Status.PENDING, None, None)
    assert (await sweep(newsroom)).judged == 1
    assert (await sweep(newsroom)).judged == 0


def test_without_the_classifier_every_clause_is_unchecked() -> None:
    signals = load(judging=False)

    seen = gather(signals, Submission(text="When does the bridge open again?"))

    assert signals.broken is None
    assert [one.signal for one in seen.observations if one.failed] == ["relevance", "classifier"]
