"""The sample newsroom furnishes itself once, and goes on where an interrupted start stopped."""

from __future__ import annotations

from majlis.interchange import sample
from majlis.services import thread
from majlis.services.newsroom import Newsroom
from majlis.store import log
from tests.conftest import Clock


async def test_a_second_start_adds_nothing(newsroom: Newsroom, clock: Clock) -> None:
    first = await sample.furnish(newsroom)
    counts = {story.id: story.comments for story in await thread.latest(newsroom, language=None, limit=100)}
    clock.pass_seconds(3_600)

    assert first > 0
    assert await sample.furnish(newsroom) == 0
    assert counts == {story.id: story.comments for story in await thread.latest(newsroom, language=None, limit=100)}
    assert sum(counts.values()) > 0
    assert await log.verify(newsroom.database, "main") >= first
