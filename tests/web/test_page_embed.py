"""The same thread in other people's pages, by script and in a frame."""

from __future__ import annotations

import re

import brotli
import httpx
import pytest

from majlis.app import PACKAGE
from majlis.domain.site import Staff, Story
from majlis.services.newsroom import Newsroom
from tests.conftest import ORIGIN, Clock
from tests.web.published import Published

pytestmark = pytest.mark.anyio

BLOG = "http://blog.example"
STATIC = PACKAGE / "web" / "static"


@pytest.fixture
def published(newsroom: Newsroom, story: Story, alice: Staff) -> Published:
    return Published(newsroom, story, alice)


async def test_the_part_is_the_thread_with_whole_addresses(story: Story, client: httpx.AsyncClient) -> None:
    answer = await client.get("/embed/thread", params={"story": story.url, "lang": "ckb"}, headers={"origin": BLOG})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == BLOG
    assert answer.text.strip().startswith("<section") or "<section" in answer.text
    assert "<html" not in answer.text
    assert 'lang="ckb" dir="rtl"' in answer.text
    assert 'action="http://testserver/stories/' in answer.text
    assert 'data-module="http://testserver/static/' in answer.text


async def test_a_foreign_page_that_is_not_allowed_gets_nothing(story: Story, client: httpx.AsyncClient) -> None:
    headers = {"origin": "http://evil.example"}
    answer = await client.get("/embed/thread", params={"story": story.url}, headers=headers)
    assert "access-control-allow-origin" not in answer.headers


async def test_a_comment_comes_from_an_embed_under_a_story_that_nobody_knew(
    published: Published, client: httpx.AsyncClient, clock: Clock
) -> None:
    url = f"{ORIGIN}/2026/first-snow?page=1"
    asked = {"story": url, "lang": "en", "title": "First snow"}
    page = (await client.get("/embed/thread", params=asked)).text
    action = re.search(r'action="http://testserver(/stories/[^"]+/comments)"', page)
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert action is not None
    assert token is not None
    clock.pass_seconds(20)
    sent = {"story": url, "title": "First snow", "token": token[1], "view": "embed", "lang": "en"}
    sent |= {"name": "bob", "body": "The snow came early, and the road was closed by noon."}
    headers = {"origin": BLOG, "x-majlis-part": "form"}
    answer = await client.post(action[1], data=sent, headers=headers)
    assert answer.status_code == 201
    assert 'href="http://testserver/receipts/' in answer.text
    await published.sent(answer.text)
    shown = (await client.get("/embed/thread", params=asked)).text
    assert "The snow came early" in shown
    assert f'href="{ORIGIN}/2026/first-snow?page=1#c-' in shown


async def test_a_form_that_names_another_story_is_refused(story: Story, client: httpx.AsyncClient) -> None:
    sent = {"story": f"{ORIGIN}/other", "view": "embed", "name": "bob", "body": "Words."}
    answer = await client.post(f"/stories/{story.id}/comments", data=sent, headers={"origin": BLOG})
    assert answer.status_code == 404


async def test_the_frame_may_be_framed_by_allowed_pages_only(story: Story, browser: httpx.AsyncClient) -> None:
    frame = await browser.get("/embed", params={"story": story.url, "theme": "dark", "lang": "fa"})
    assert f"frame-ancestors 'self' {BLOG}" in frame.headers["content-security-policy"]
    assert 'data-theme="dark"' in frame.text
    page = await browser.get(f"/stories/{story.id}")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_the_frame_works_without_cookies(story: Story, client: httpx.AsyncClient, clock: Clock) -> None:
    page = (await client.get("/embed", params={"story": story.url})).text
    token = page.split('name="token" value="')[1].split('"')[0]
    clock.pass_seconds(20)
    sent = {"story": story.url, "token": token, "view": "frame", "lang": "en", "name": "bob"}
    sent["body"] = "When does the bridge open again?"
    answer = await client.post(f"/stories/{story.id}/comments", data=sent, headers={"origin": "http://testserver"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/embed?")
    assert "set-cookie" not in answer.headers
    shown = (await client.get(answer.headers["location"])).text
    assert 'id="outcome"' in shown
    assert "/receipts/" in shown


async def test_a_like_from_an_embed_sets_no_cookie(published: Published, client: httpx.AsyncClient) -> None:
    id = await published.say("When does the bridge open again?")
    sent = {"liked": "yes", "reader": "a-random-number", "view": "embed", "lang": "en"}
    headers = {"origin": BLOG, "x-majlis-part": "like"}
    answer = await client.post(f"/comments/{id}/likes", data=sent, headers=headers)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "<span>1</span>" in answer.text


async def test_the_script_has_a_lasting_address(client: httpx.AsyncClient) -> None:
    answer = await client.get("/embed.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" not in answer.headers["cache-control"]


def test_all_javascript_of_readers_is_six_kilobytes_at_most() -> None:
    sizes = [len(brotli.compress((STATIC / name).read_bytes())) for name in ("majlis.js", "embed.js")]
    assert sum(sizes) <= 6 * 1024


def test_the_style_has_no_physical_direction() -> None:
    css = (STATIC / "majlis.css").read_text("utf-8")
    sided = (
        r"\b(margin|padding|border)-(left|right)\b|\b(left|right)\s*:|text-align:\s*(left|right)|float:\s*(left|right)"
    )
    assert re.findall(sided, css) == []
