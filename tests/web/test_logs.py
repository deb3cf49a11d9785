"""Logs tell what failed and where, and never hold words, names or addresses of readers."""

from __future__ import annotations

import json
from typing import Any

import httpx
from structlog.testing import capture_logs

from majlis.domain.site import Story
from majlis.services.newsroom import Newsroom
from majlis.services.stories import origin_of

WORDS = "A sentence that nobody else would write about a bridge"


async def test_a_failure_is_logged_without_the_readers_words(
    site: tuple[Newsroom, Any], story: Story, key: str
) -> None:
    newsroom, application = site
    sent = {"story": {"url": story.url}, "author": {"name": "charlie", "email": "charlie@mail.example"}, "body": WORDS}
    await newsroom.database.close()

    headers = {"authorization": f"Bearer {key}", "x-forwarded-for": "192.0.2.9"}
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)

    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        with capture_logs() as logs:
            answer = await client.post("/api/v1/comments", json=sent, headers=headers)

    assert answer.status_code >= 500
    assert answer.json()["detail"] == "Something went wrong here."
    assert logs
    written = json.dumps(logs, default=str)
    for secret in ("nobody else", "charlie", "192.0.2.9", key):
        assert secret not in written


def test_the_origin_of_a_story_leaves_out_who_asked() -> None:
    assert origin_of("https://user:secret@News.example:8443/x?y") == "https://news.example:8443"
