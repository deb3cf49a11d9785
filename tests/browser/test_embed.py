"""The embed in a page of another origin: one script tag, a shadow root, the same thread, and it can be written in."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Demo

pytestmark = pytest.mark.browser


def story_of(demo: Demo, language: str) -> str:
    """Return the address of a story that has comments."""
    stories = httpx.get(f"{demo.page}api/v1/stories", params={"lang": language}).json()
    return str(next(story["url"] for story in stories if story["comments"]))


def host_page(demo: Demo, page: Page, language: str, *, head: str = "", story: str = "") -> str:
    """Let the browser find a page of a blog that embeds a story's comments. Return its address."""
    blog = demo.page.replace("localhost", "127.0.0.1") + "a-blog-of-another-origin"
    html = f"""<!doctype html><html lang="en"><title>A blog</title>{head}<h1>A blog</h1>
    <script src="{demo.page}embed.js" {story} data-lang="{language}" async></script></html>"""

    def answer(route: Route) -> None:
        route.fulfill(body=html, content_type="text/html")

    page.route(blog, answer)
    return blog


@pytest.mark.parametrize("language", ["en", "ckb"])
def test_a_thread_is_read_and_written_in_another_page(demo: Demo, visit: Callable[..., Page], language: str) -> None:
    story = story_of(demo, language)
    page = visit("about:blank", width=390, height=844)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(host_page(demo, page, language, story=f'data-story="{story}"'))
    thread = page.locator("textarea[name=body]")
    expect(thread).to_be_visible()
    words = {"en": "Thank you for this report, it explains a lot.", "ckb": "دەستتان خۆش بێت، زۆر جوانە"}[language]
    thread.fill(words)
    page.locator("input[name=name]").fill("Shilan")
    page.locator("button.main").click()

    expect(page.locator("[data-outcome]")).to_be_visible()
    assert page.evaluate("document.querySelector('textarea')") is None, "the thread stands in a shadow root"
    assert {url.split("/")[2].split(":")[0] for url in asked if "://" in url} <= {"localhost", "127.0.0.1"}
    assert page.context.cookies() == []


def test_a_page_that_names_no_story_is_one_by_its_canonical_address(demo: Demo, visit: Callable[..., Page]) -> None:
    page = visit("about:blank")
    head = f'<link rel="canonical" href="{story_of(demo, "en")}">'

    page.goto(host_page(demo, page, "en", head=head))

    expect(page.locator("textarea[name=body]")).to_be_visible()


def test_without_a_canonical_address_a_page_is_the_story_itself(demo: Demo, visit: Callable[..., Page]) -> None:
    page = visit("about:blank")
    address = host_page(demo, page, "en")

    with page.expect_request(lambda request: "/embed/thread?" in request.url) as asked:
        page.goto(f"{address}#c-1")

    assert parse_qs(urlsplit(asked.value.url).query)["story"] == [address]


def test_without_scripts_the_same_thread_stands_in_a_frame(demo: Demo, visit: Callable[..., Page]) -> None:
    story = story_of(demo, "ar")

    page = visit(f"{demo.page}embed?story={story}&lang=ar", scripts=False)

    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("textarea[name=body]")).to_be_visible()
