"""axe-core finds nothing against WCAG 2.2 AA, in any language, and no page scrolls sideways on a phone."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, StorageState

from majlis.domain.site import LANGUAGES
from tests.browser.conftest import Demo

pytestmark = pytest.mark.browser

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}

DESK = ("", "?shelf=approved", "/appeals", "/staff", "/webhooks", "/password")
"""Pages of the desk, by what follows its address."""


def faults(page: Page) -> list[str]:
    """Return what axe-core finds."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{fault['id']}: {node['html'][:200]}" for fault in found for node in fault["nodes"]]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_can_use_the_news_page(demo: Demo, visit: Callable[..., Page], language: str, dark: bool) -> None:
    page = visit(f"{demo.page}?lang={language}", width=390, height=844, dark=dark)
    assert faults(page) == []

    page.locator(f"a[href*='/stories/{language}-']").first.click()

    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_can_use_the_desk(
    demo: Demo, admin: StorageState, visit: Callable[..., Page], language: str, dark: bool
) -> None:
    page = visit(demo.desk, width=390, height=844, dark=dark, state=admin)
    found = {}
    for place in DESK:
        answer = page.goto(f"{demo.desk}{place}{'&' if '?' in place else '?'}lang={language}")
        assert answer is not None
        assert (answer.ok, "/login" in page.url) == (True, False)
        assert page.locator("html").get_attribute("lang") == language
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        found[place] = faults(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), place
    page.goto(demo.desk)
    comment = page.locator("form[action$='/claim']").first.get_attribute("action")
    page.goto(urljoin(demo.desk, str(comment).removesuffix("/claim")))
    found["a comment"] = faults(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert {place: wrong for place, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_can_read_the_guidelines(demo: Demo, visit: Callable[..., Page], language: str) -> None:
    page = visit(f"{demo.page}guidelines?lang={language}")

    assert faults(page) == []
