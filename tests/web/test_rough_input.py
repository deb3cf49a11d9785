"""What strangers send on purpose: bytes that are no text, words that nobody can read, addresses that are none."""

from __future__ import annotations

import httpx
import pytest

from majlis.domain.site import Story

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("body", [b"%ff%fe", b"%ed%a0%80", b"%c0%af", b"\xff\xfe"])
async def test_a_form_that_is_not_utf_8_is_refused_and_not_mended(
    browser: httpx.AsyncClient, story: Story, body: bytes
) -> None:
    answer = await browser.post(
        f"/stories/{story.id}/comments",
        content=b"name=alice&body=" + body,
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("words", ["\u0301\u0300", "\u3164\u115f", "\u2800 \u2800", "\u0651\u064b", "\u202e\u200b"])
async def test_words_that_nobody_can_read_are_none(
    client: httpx.AsyncClient, story: Story, key: str, words: str
) -> None:
    sent = {"story": {"url": story.url}, "author": {"name": "bob"}, "body": words}
    headers = {"authorization": f"Bearer {key}"}
    for draft, field in ((sent, "body"), (sent | {"author": {"name": words}, "body": "Good."}, "author.name")):
        answer = await client.post("/api/v1/comments", json=draft, headers=headers)
        assert (answer.status_code, answer.json()["field"]) == (422, field)


@pytest.mark.parametrize("origin", ["http://[", "http://]:1", "//", "https://", "null"])
async def test_an_origin_that_is_none_is_a_foreign_one(client: httpx.AsyncClient, origin: str) -> None:
    answer = await client.post("/api/v1/comments", json={}, headers={"origin": origin})
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign-origin")


async def test_a_wrong_method_is_told_the_right_ones(client: httpx.AsyncClient) -> None:
    for method, path, allowed in (
        ("GET", "/api/v1/comments", {"POST"}),
        ("POST", "/api/v1/stories", {"GET", "HEAD"}),
        ("DELETE", "/api/v1/threads", {"GET", "HEAD"}),
    ):
        answer = await client.request(method, path)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == allowed


async def test_a_page_that_may_embed_may_also_like(client: httpx.AsyncClient) -> None:
    asked = {"origin": "http://blog.example", "access-control-request-method": "PUT"}
    answer = await client.options("/api/v1/comments/x/like", headers=asked)
    assert "PUT" in answer.headers["access-control-allow-methods"]
