"""The form without JavaScript: what is sent, what is wrong with it, what became of it, and the receipt."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import httpx
import msgspec
import pytest
from altcha import v1
from markupsafe import escape

from majlis.app import PACKAGE
from majlis.domain.site import LANGUAGES, Staff, Story
from majlis.services import proof, stories
from majlis.services.newsroom import Newsroom
from majlis.web.words import Words
from tests.conftest import Clock, a_story
from tests.web.published import Published

pytestmark = pytest.mark.anyio

KIND = "When does the bridge open again? The detour takes half an hour."
ABUSE = "You are a stupid idiot and a piece of shit, shut up."


@pytest.fixture
def published(newsroom: Newsroom, story: Story, alice: Staff) -> Published:
    return Published(newsroom, story, alice)


async def fields(browser: httpx.AsyncClient, clock: Clock, story: Story, **changes: str) -> dict[str, str]:
    """The form's fields as alice fills them in, after she has read the page for a while."""
    page = (await browser.get(f"/stories/{story.id}")).text
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    clock.pass_seconds(30)
    return {"token": token[1], "proof": "", "name": "alice", "body": KIND, "lang": "en", "view": "page"} | changes


async def test_a_comment_waits_or_is_published_and_the_page_says_so(
    published: Published, browser: httpx.AsyncClient, clock: Clock, story: Story
) -> None:
    sent = await fields(browser, clock, story)
    answer = await browser.post(f"/stories/{story.id}/comments", data=sent)
    assert answer.status_code == 303
    page = (await browser.get(answer.headers["location"])).text
    assert "Your comment is published." in page or "Your comment is waiting for a moderator." in page
    await published.sent(page)
    page = (await browser.get(answer.headers["location"])).text
    assert "Your comment is published." in page
    assert page.count(KIND) == 1


async def test_a_double_click_is_one_comment_and_both_answers_tell_of_it(
    published: Published, browser: httpx.AsyncClient, clock: Clock, story: Story
) -> None:
    sent = await fields(browser, clock, story)
    answers = [await browser.post(f"/stories/{story.id}/comments", data=sent) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    await published.sent((await browser.get(f"/stories/{story.id}")).text)
    assert (await browser.get(f"/stories/{story.id}")).text.count(KIND) == 1


async def test_a_used_form_with_other_words_is_to_be_sent_again(
    browser: httpx.AsyncClient, clock: Clock, story: Story
) -> None:
    sent = await fields(browser, clock, story)
    await browser.post(f"/stories/{story.id}/comments", data=sent)
    answer = await browser.post(f"/stories/{story.id}/comments", data=sent | {"body": "Another thought entirely."})
    assert answer.status_code == 409
    assert "Another thought entirely." in answer.text
    assert sent["token"] not in answer.text


async def test_a_rejection_shows_clause_and_words(browser: httpx.AsyncClient, clock: Clock, story: Story) -> None:
    sent = await fields(browser, clock, story, body=ABUSE)
    answer = await browser.post(f"/stories/{story.id}/comments", data=sent)
    page = (await browser.get(answer.headers["location"])).text
    assert "Your comment was not published." in page
    assert "Profanity" in page
    assert "<mark>" in page
    assert "You may object" in page or "You can object" in page


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_wrong_field_is_named_in_the_pages_language_and_nothing_typed_is_lost(
    newsroom: Newsroom, browser: httpx.AsyncClient, clock: Clock, language: str
) -> None:
    story = await stories.publish(newsroom, a_story("a-story", language))
    sent = await fields(browser, clock, story, name=" ", body="", email="alice@example.org", lang=language)
    answer = await browser.post(f"/stories/{story.id}/comments", data=sent)
    assert answer.status_code == 422
    say = sentences(language)
    assert f'id="f-name-problem">{say("Please write your name.")}<' in answer.text
    assert f'id="f-body-problem">{say("Please write a comment.")}<' in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    assert 'value="alice@example.org"' in answer.text


def sentences(language: str) -> Callable[[str], str]:
    """The interface's sentences in a language, escaped as a page has them."""
    words = Words(PACKAGE / "web" / "locale", PACKAGE / "web" / "templates")
    return lambda message: str(escape(words.say(language, message)))


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"name": "n" * 81}, 422, "The name is too long: 81 of at most 80 characters."),
        ({"body": "b" * 5001}, 422, "The comment is too long: 5001 of at most 5000 characters."),
        ({"body": "A bell \x07 rings."}, 422, "Some characters cannot be read."),
        ({"body": "Half \x00 nothing."}, 422, "Some characters cannot be read."),
        ({"email": "alice"}, 422, "This e-mail address does not look right."),
        ({"website": "https://shop.example"}, 422, "Please leave this field empty."),
        ({"parent": "0" * 32}, 422, "The comment you reply to is no longer there."),
        ({"parent": "\x00"}, 422, "The comment you reply to is no longer there."),
        ({"token": "forged"}, 422, "The form was open too long; please send it again."),
        ({"token": "", "proof": "bm90aGluZw=="}, 422, "The form was open too long; please send it again."),
    ],
)
async def test_what_cannot_be_kept_is_said_beside_what_was_typed(
    browser: httpx.AsyncClient, clock: Clock, story: Story, change: dict[str, str], status: int, said: str
) -> None:
    sent = await fields(browser, clock, story, **change)
    answer = await browser.post(f"/stories/{story.id}/comments", data=sent)
    assert answer.status_code == status
    assert said in answer.text
    assert "alice" in answer.text or "name" in change
    assert KIND in answer.text or "body" in change


async def test_a_form_that_comes_back_at_once_may_be_sent_again_a_moment_later(
    browser: httpx.AsyncClient, clock: Clock, story: Story
) -> None:
    sent = await fields(browser, clock, story)
    sent["token"] = (await browser.get(f"/stories/{story.id}")).text.split('name="token" value="')[1].split('"')[0]
    early = await browser.post(f"/stories/{story.id}/comments", data=sent)
    assert early.status_code == 422
    assert "Please wait a moment before sending." in early.text
    assert sent["token"] in early.text
    clock.pass_seconds(4)
    assert (await browser.post(f"/stories/{story.id}/comments", data=sent)).status_code == 303


async def test_a_form_of_yesterday_gets_a_new_token(browser: httpx.AsyncClient, clock: Clock, story: Story) -> None:
    sent = await fields(browser, clock, story)
    clock.pass_seconds(24 * 3600)
    answer = await browser.post(f"/stories/{story.id}/comments", data=sent)
    assert "The form was open too long" in answer.text
    assert sent["token"] not in answer.text
    assert KIND in answer.text


async def test_a_closed_story_says_so_and_gives_the_words_back(
    newsroom: Newsroom, browser: httpx.AsyncClient, clock: Clock, story: Story
) -> None:
    sent = await fields(browser, clock, story)
    await stories.set_open(newsroom, story=story.id, open=False)
    answer = await browser.post(f"/stories/{story.id}/comments", data=sent)
    assert answer.status_code == 409
    assert "Comments on this story are closed." in answer.text
    assert KIND in answer.text
    page = (await browser.get(f"/stories/{story.id}")).text
    assert 'name="body"' not in page


async def test_a_form_for_another_story_is_refused(
    newsroom: Newsroom, browser: httpx.AsyncClient, clock: Clock, story: Story
) -> None:
    other = await stories.publish(newsroom, a_story("old-mill"))
    sent = await fields(browser, clock, story)
    answer = await browser.post(f"/stories/{other.id}/comments", data=sent)
    assert "The form was open too long" in answer.text


async def test_a_part_is_answered_where_a_script_asks_for_it(
    browser: httpx.AsyncClient, clock: Clock, story: Story
) -> None:
    sent = await fields(browser, clock, story)
    part = {"x-majlis-part": "form"}
    wrong = await browser.post(f"/stories/{story.id}/comments", data=sent | {"body": ""}, headers=part)
    assert wrong.status_code == 422
    assert "<html" not in wrong.text
    assert "Please write a comment." in wrong.text
    right = await browser.post(f"/stories/{story.id}/comments", data=sent, headers=part)
    assert right.status_code == 201
    assert "<html" not in right.text
    assert "data-outcome" in right.text


async def test_the_receipt_tells_why_and_takes_one_objection_and_a_withdrawal(
    browser: httpx.AsyncClient, clock: Clock, story: Story
) -> None:
    sent = await fields(browser, clock, story, body=ABUSE)
    answer = await browser.post(f"/stories/{story.id}/comments", data=sent)
    page = (await browser.get(answer.headers["location"])).text
    receipt = re.search(r'href="(/receipts/[^"?]+)', page)
    assert receipt is not None
    shown = await browser.get(receipt[1])
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["referrer-policy"] == "same-origin"
    assert "noindex" in shown.text
    assert "<mark>" in shown.text
    assert "By the machine" in shown.text
    empty = await browser.post(f"{receipt[1]}/appeal", data={"reason": " "})
    assert empty.status_code == 422
    assert "Please write a reason." in empty.text
    long = await browser.post(f"{receipt[1]}/appeal", data={"reason": "r" * 2001})
    assert "The reason is too long: 2001 of at most 2000 characters." in long.text
    assert "r" * 2001 in long.text
    reason = {"reason": "It is a line of the play that the story is about."}
    assert (await browser.post(f"{receipt[1]}/appeal", data=reason)).status_code == 303
    assert "Your objection is open." in (await browser.get(receipt[1])).text
    again = await browser.post(f"{receipt[1]}/appeal", data=reason)
    assert again.status_code == 409
    assert "you have objected already" in again.text
    assert (await browser.post(f"{receipt[1]}/withdrawal")).status_code in {303, 415}
    await browser.post(f"{receipt[1]}/withdrawal", data={"lang": "en"})
    assert "You withdrew this comment." in (await browser.get(receipt[1])).text


async def test_a_proof_of_work_takes_the_place_of_the_wait(
    newsroom: Newsroom, browser: httpx.AsyncClient, clock: Clock, story: Story
) -> None:
    asked = proof.challenge(newsroom)
    solved = v1.solve_challenge(asked.challenge, asked.salt, "SHA-256", asked.maxnumber)
    assert solved is not None
    payload = {
        "algorithm": asked.algorithm,
        "challenge": asked.challenge,
        "number": solved.number,
        "salt": asked.salt,
        "signature": asked.signature,
    }
    sent = await fields(browser, clock, story, token="", proof=base64.b64encode(msgspec.json.encode(payload)).decode())
    assert (await browser.post(f"/stories/{story.id}/comments", data=sent)).status_code == 303
