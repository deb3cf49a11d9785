"""The news page as a browser without JavaScript sees it."""

from __future__ import annotations

import httpx
import msgspec
import pytest

from majlis.domain.site import LANGUAGES, Staff, Story
from majlis.services import stories
from majlis.services.newsroom import Newsroom
from tests.conftest import Clock, a_story
from tests.web.published import Published

pytestmark = pytest.mark.anyio


@pytest.fixture
def published(newsroom: Newsroom, story: Story, alice: Staff) -> Published:
    return Published(newsroom, story, alice)


async def test_the_page_shows_story_comments_form_and_the_latest(
    published: Published, newsroom: Newsroom, story: Story, browser: httpx.AsyncClient
) -> None:
    id = await published.say("When does the bridge open again?")
    other = a_story("old-mill")
    await stories.publish(newsroom, msgspec.structs.replace(other, title="The mill turns again", url=other.url + "2"))
    await stories.publish(newsroom, a_story("third"))
    page = (await browser.get(f"/stories/{story.id}")).text
    assert "<h1>The river bridge closes for repairs</h1>" in page
    assert f'id="c-{id}"' in page
    assert "When does the bridge open again?" in page
    assert 'name="body"' in page
    assert "The mill turns again" in page
    assert page.count("<h1") == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_speaks_the_storys_language(
    newsroom: Newsroom, browser: httpx.AsyncClient, language: str
) -> None:
    await stories.publish(newsroom, a_story("a-story", language))
    page = (await browser.get("/stories/a-story")).text
    right_to_left = language in {"ar", "ckb", "fa"}
    assert f'<html lang="{language}" dir="{"rtl" if right_to_left else "ltr"}"' in page
    assert newsroom.guidelines[language].clauses[0].title in page


async def test_no_page_has_inline_script_or_style(
    published: Published, newsroom: Newsroom, story: Story, browser: httpx.AsyncClient
) -> None:
    await published.say("When does the bridge open again?")
    for address in ("/", f"/stories/{story.id}", "/guidelines?lang=ckb", "/nothing", f"/embed?story={story.url}"):
        answer = await browser.get(address)
        assert "<style" not in answer.text
        assert " style=" not in answer.text
        assert "<script>" not in answer.text
        assert " on" + "click" not in answer.text
        assert "'unsafe" not in answer.headers["content-security-policy"]


async def test_words_are_shown_escaped_with_their_own_language_and_direction(
    published: Published, newsroom: Newsroom, story: Story, browser: httpx.AsyncClient
) -> None:
    await published.say("متى يُفتح الجسر أمام المشاة من جديد؟ شكرًا على الخبر.")
    page = (await browser.get(f"/stories/{story.id}")).text
    assert '<div class="body" lang="ar" dir="rtl">متى' in page


async def test_comments_come_in_pages_and_in_three_orders(
    published: Published, newsroom: Newsroom, story: Story, browser: httpx.AsyncClient, clock: Clock
) -> None:
    made = []
    for number in range(43):
        clock.pass_seconds(600)
        made.append(await published.say(f"The bridge opened {number} times before, the council says so."))
    first = (await browser.get(f"/stories/{story.id}")).text
    assert f'id="c-{made[-1]}"' in first
    assert f'id="c-{made[0]}"' not in first
    following = first.split("data-more")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = (await browser.get(following)).text
    assert f'id="c-{made[0]}"' in second
    oldest = (await browser.get(f"/stories/{story.id}?sort=oldest")).text
    assert oldest.index(f'id="c-{made[0]}"') < oldest.index(f'id="c-{made[1]}"')
    assert (await browser.get(f"/stories/{story.id}?sort=top")).status_code == 200
    answer = await browser.get(f"/comments/{made[0]}")
    assert answer.headers["location"] == f"/stories/{story.id}?at={made[0]}#c-{made[0]}"
    assert f'id="c-{made[0]}"' in (await browser.get(answer.headers["location"])).text
    near = (await browser.get(f"/comments/{made[-1]}")).headers["location"]
    assert near == f"/stories/{story.id}#c-{made[-1]}"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/stories/no-such-story", 404),
        ("/stories/river-bridge?after=broken", 400),
        ("/stories/river-bridge?sort=wild", 422),
        ("/stories/river-bridge?reply=%00&at=%F0%9F%98%80", 200),
        ("/comments/x", 404),
        ("/comments/" + "0" * 32, 404),
        ("/comments/" + "0" * 32 + "/reports", 404),
        ("/embed", 422),
        ("/embed?story=ftp://x", 422),
        ("/embed/thread?story=https://elsewhere.example/a", 404),
        ("/receipts/forged", 404),
        ("/?lang=xx", 200),
        ("/guidelines?lang=%00", 200),
    ],
)
async def test_bad_addresses_get_a_clear_page(
    story: Story, browser: httpx.AsyncClient, address: str, status: int
) -> None:
    answer = await browser.get(address)
    assert answer.status_code == status
    assert "<h1" in answer.text


async def test_the_text_size_is_kept_for_the_next_visit(story: Story, browser: httpx.AsyncClient) -> None:
    answer = await browser.get(f"/stories/{story.id}?sort=oldest&size=l")
    assert answer.headers["location"] == f"/stories/{story.id}?sort=oldest"
    assert 'class="size-l"' in (await browser.get(f"/stories/{story.id}")).text
    await browser.get(f"/stories/{story.id}?size=enormous")
    assert 'class="size-l"' in (await browser.get(f"/stories/{story.id}")).text


async def test_a_like_is_counted_once_marked_and_taken_back(
    published: Published, newsroom: Newsroom, story: Story, browser: httpx.AsyncClient
) -> None:
    id = await published.say("When does the bridge open again?")
    for _ in range(2):
        answer = await browser.post(f"/comments/{id}/likes", data={"liked": "yes"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"/comments/{id}")
    page = (await browser.get(f"/stories/{story.id}")).text
    assert 'aria-pressed="true"' in page
    assert "<span>1</span>" in page
    await browser.post(f"/comments/{id}/likes", data={"liked": "no"})
    page = (await browser.get(f"/stories/{story.id}")).text
    assert 'aria-pressed="true"' not in page
    assert "<span>1</span>" not in page


async def test_a_report_names_a_clause(
    published: Published, newsroom: Newsroom, story: Story, browser: httpx.AsyncClient
) -> None:
    id = await published.say("When does the bridge open again?")
    form = await browser.get(f"/comments/{id}/reports?lang=tr")
    assert 'lang="tr"' in form.text
    wrong = await browser.post(f"/comments/{id}/reports", data={"clause": "", "reason": "It is an advert."})
    assert wrong.status_code == 422
    assert "Please choose a clause." in wrong.text
    assert "It is an advert." in wrong.text
    answer = await browser.post(f"/comments/{id}/reports", data={"clause": "promotion", "lang": "en"})
    assert answer.status_code == 303
    assert "Thank you." in (await browser.get(answer.headers["location"])).text


async def test_a_reply_outlives_what_it_answers_and_says_so(
    published: Published, story: Story, browser: httpx.AsyncClient
) -> None:
    first = await published.say("When does the bridge open again?")
    reply = await published.say("In spring, the council says.", parent=first)
    form = (await browser.get(f"/stories/{story.id}?reply={first}")).text
    assert "Reply to charlie" in form
    await published.take_down(first)
    page = (await browser.get(f"/stories/{story.id}")).text
    assert f'id="c-{first}"' not in page
    assert f'id="c-{reply}"' in page
    assert "The comment that this one answers is no longer published." in page
