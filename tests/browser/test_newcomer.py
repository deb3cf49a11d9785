"""What a newcomer does on the first day: find the page, write in Arabic and Kurdish, be judged, decide at the desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page, StorageState, expect

from tests.browser.conftest import Demo

pytestmark = pytest.mark.browser

SHOTS = Path(__file__).parent.parent.parent / "docs" / "pictures"
FAIR_SORANI = "دەستتان خۆش بێت، بازاڕەکە زۆر جوان بووە"
PHONE_ARABIC = "اتصل بي على 07701234567"
SHARP_SORANI = "ئەو وەزیرە دز و درۆزنە"


def write(page: Page, name: str, words: str) -> None:
    """Fill in the form and send it, as a reader does."""
    page.locator("textarea[name=body]").fill(words)
    page.locator("input[name=name]").fill(name)
    page.locator("form[data-comment] button.main").click()


def story_in(page: Page, language: str) -> str:
    """Go from the front page to the first story in a language."""
    page.goto(f"{page.url.split('?')[0]}?lang={language}")
    page.locator(f"a[href*='/stories/{language}-']").first.click()
    return page.url


def test_a_newcomer_writes_and_decides(
    demo: Demo, admin: StorageState, visit: Callable[..., Page], shots: Callable[..., None]
) -> None:
    reader = visit(demo.page)
    story = story_in(reader, "ckb")
    expect(reader.locator("html")).to_have_attribute("dir", "rtl")

    write(reader, "هێمن", FAIR_SORANI)
    expect(reader.locator(".outcome.approved")).to_be_visible()
    expect(reader.get_by_text(FAIR_SORANI).first).to_be_visible()

    reader.goto(story)
    write(reader, "بێناو", SHARP_SORANI)
    expect(reader.locator(".outcome.pending")).to_be_visible()
    receipt = reader.locator(".outcome .keep a").get_attribute("href")
    assert receipt is not None

    arabic = visit(demo.page)
    story_in(arabic, "ar")
    write(arabic, "سامر", PHONE_ARABIC)
    expect(arabic.locator(".outcome.rejected")).to_be_visible()
    expect(arabic.locator(".outcome mark").first).to_contain_text("07701234567")

    watcher = visit(story)
    assert watcher.get_by_text(SHARP_SORANI).count() == 0

    moderator = visit(demo.desk, state=admin)
    card = moderator.locator("main li, main article").filter(has_text=SHARP_SORANI).first
    card.get_by_role("button").first.click()
    expect(moderator.locator("mark").first).to_be_visible()
    shots(moderator, "desk")
    moderator.keyboard.press("a")

    expect(watcher.get_by_text(SHARP_SORANI).first).to_be_visible(timeout=15_000)
    told = visit(urljoin(demo.page, receipt))
    expect(told.get_by_text(SHARP_SORANI).first).to_be_visible()


@pytest.fixture
def shots(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keeps the documentation's pictures when asked to with --pictures."""
    wanted: bool = request.config.getoption("--pictures")

    def keep(page: Page, name: str) -> None:
        if wanted:
            SHOTS.mkdir(exist_ok=True)
            page.screenshot(path=SHOTS / f"{name}.png")

    return keep


def test_the_pictures_of_the_documentation(demo: Demo, visit: Callable[..., Page], shots: Callable[..., None]) -> None:
    page = visit(f"{demo.page}?lang=en")
    page.locator("a[href*='/stories/en-']").first.click()
    expect(page.locator("h1")).to_be_visible()
    shots(page, "page")

    phone = visit(f"{demo.page}?lang=ckb", width=390, height=844)
    phone.locator("a[href*='/stories/ckb-']").first.click()
    expect(phone.locator("h1")).to_be_visible()
    shots(phone, "page-ckb-phone")


def test_without_scripts_a_comment_is_sent_and_decided_too(demo: Demo, visit: Callable[..., Page]) -> None:
    reader = visit(demo.page, scripts=False)
    story_in(reader, "tr")
    reader.locator("textarea[name=body]").fill("Teşekkürler, çok güzel bir haber olmuş.")
    reader.locator("input[name=name]").fill("Zeynep")

    reader.locator("form[data-comment] button.main").click()
    early = reader.locator(".problem.summary")
    expect(early).to_be_visible()  # nobody writes a comment this fast
    expect(reader.locator("input[name=name]")).to_have_value("Zeynep")
    reader.wait_for_timeout(3_200)  # the least time that a form has to be open
    reader.locator("form[data-comment] button.main").click()

    expect(reader.locator(".outcome")).to_be_visible()


def test_what_was_typed_survives_an_error(demo: Demo, visit: Callable[..., Page]) -> None:
    reader = visit(demo.page)
    story_in(reader, "kmr")

    write(reader, "", "Ev gotinek baş e.")

    expect(reader.locator("#f-name-problem")).to_be_visible()
    expect(reader.locator("textarea[name=body]")).to_have_value("Ev gotinek baş e.")
    expect(reader.locator("input[name=name]")).to_have_attribute("aria-invalid", "true")
