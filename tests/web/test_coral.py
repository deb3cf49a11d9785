"""Coral's moderation phase, spoken to as Coral does: indented JSON, and the HMAC of these bytes in a header."""

from __future__ import annotations

import hmac
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from majlis.app import build, newsroom_of
from majlis.domain.comment import Status
from majlis.domain.site import Story
from majlis.services import stories
from majlis.services.elsewhere import words_of
from majlis.services.newsroom import Newsroom
from majlis.services.takeover import OldComment, OldStory, Source, prepare, take_over
from majlis.signals.gather import Signals
from majlis.web.compat.coral import REASONS
from tests.conftest import NOON, Clock, a_story, config_for

SECRET = "empsec_a-secret-that-coral-made"
OTHER = "empsec_the-secret-before-it"
PHASE = "/coral/moderation"
CODES = {
    "OFFENSIVE",
    "ABUSIVE",
    "SPAM",
    "BANNED_WORD",
    "AD",
    "ILLEGAL_CONTENT",
    "HARASSMENT_BULLYING",
    "MISINFORMATION",
    "HATE_SPEECH",
    "IRRELEVANT_CONTENT",
    "OTHER",
}
"""Coral's REJECTION_REASON_CODE; any other value makes it throw the answer away."""


@pytest.fixture
async def site(tmp_path: Path, clock: Clock, signals: Signals) -> AsyncIterator[tuple[Newsroom, Any]]:
    config = config_for(f"sqlite:///{tmp_path / 'majlis.db'}", coral_secrets=(SECRET, "another tenant's"))
    async with newsroom_of(config, now=clock, signals=signals) as (newsroom, live):
        yield newsroom, build(config, newsroom, live)


def asked(body: str, **more: Any) -> dict[str, Any]:
    """Return what Coral tells of a comment."""
    return {
        "action": "NEW",
        "comment": {"body": body, "parentID": None},
        "author": {"id": "baf4e943", "role": "COMMENTER"},
        "story": {"id": "245b3856", "url": "http://news.example/river-bridge"},
        "site": {"id": "a4bede88"},
        "tenantID": "19ba5794",
        "tenantDomain": "coral.example",
    } | more


def signed(body: bytes, *secrets: str) -> dict[str, str]:
    made = [hmac.new(secret.encode(), body, sha256).hexdigest() for secret in secrets]
    return {"content-type": "application/json", "x-coral-signature": ",".join(f"sha256={one}" for one in made)}


async def post(client: httpx.AsyncClient, sent: dict[str, Any] | bytes, path: str = PHASE) -> dict[str, Any]:
    body = sent if isinstance(sent, bytes) else json.dumps(sent, indent=2).encode()
    answer = await client.post(path, content=body, headers=signed(body, OTHER, SECRET))
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


async def test_a_fair_comment_is_approved(client: httpx.AsyncClient, story: Story) -> None:
    assert await post(client, asked("When does the bridge open again?")) == {"status": "APPROVED"}


async def test_a_rejection_has_its_reason_and_the_exact_words(client: httpx.AsyncClient) -> None:
    told = await post(client, asked("You idiot, I will kill you."))

    assert told["status"] == told["moderationAction"]["status"] == "REJECTED"
    reason = told["moderationAction"]["rejectionReason"]
    assert reason["code"] == "ABUSIVE"
    assert "Threats: “I will kill you" in reason["detailedExplanation"]
    assert "Personal attacks: " in reason["detailedExplanation"]


async def test_a_clause_that_coral_has_no_word_for_is_other_with_its_title(client: httpx.AsyncClient) -> None:
    told = await post(client, asked("He lives at 12 Mill Road, call him on +44 20 7946 0958 or dara@mail.example"))

    reason = told["moderationAction"]["rejectionReason"]
    assert (reason["code"], reason["customReason"]) == ("OTHER", "Private data")


@pytest.mark.parametrize(
    "body", ["Das ist ein schöner Tag und wir gehen spazieren.", "👍", "", "Nice shoes at http://shoes.example"]
)
async def test_what_is_unsure_is_held(client: httpx.AsyncClient, body: str) -> None:
    assert (await post(client, asked(body)))["status"] == "PREMOD"


async def test_a_held_comment_is_flagged_for_corals_moderators(client: httpx.AsyncClient) -> None:
    told = await post(client, asked("Nice shoes at http://shoes.example"))

    assert told["actions"] == [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"}]


def test_every_reason_is_one_of_corals() -> None:
    assert set(REASONS.values()) < CODES


@pytest.mark.parametrize(
    "header",
    [None, "", "sha256=", "sha256=" + "0" * 64, "sha1=" + "0" * 40, "sha256=é", "," * 500],
    ids=["none", "empty", "blank", "wrong", "sha1", "letters", "commas"],
)
async def test_a_wrong_signature_is_not_judged(client: httpx.AsyncClient, header: str | None) -> None:
    headers = [] if header is None else [(b"x-coral-signature", header.encode())]
    answer = await client.post(PHASE, json=asked("Good morning"), headers=headers)

    assert (answer.status_code, set(answer.json())) == (401, {"error"})


async def test_a_signature_is_of_these_bytes(client: httpx.AsyncClient) -> None:
    body = json.dumps(asked("Good morning")).encode()

    assert (await client.post(PHASE, content=body + b" ", headers=signed(body, SECRET))).status_code == 401
    assert (await client.post(PHASE, content=body, headers=signed(body, OTHER))).status_code == 401


@pytest.mark.parametrize(
    "sent",
    [b"", b"[]", b"{", b'{"comment": "\xff"}', b'{"comment": {"body": 7}}', b'"' + b"x" * 200_000 + b'"'],
    ids=["empty", "list", "cut", "not-utf8", "number", "huge"],
)
async def test_what_cannot_be_read_is_held_and_not_published(client: httpx.AsyncClient, sent: bytes) -> None:
    assert await post(client, sent) == {"status": "PREMOD"}


async def test_fields_of_later_versions_are_passed_over(client: httpx.AsyncClient, story: Story) -> None:
    sent = asked("When does the bridge open again?", section="news")
    sent["comment"]["media"] = None

    assert await post(client, sent) == {"status": "APPROVED"}


async def test_html_is_read_as_its_words(client: httpx.AsyncClient) -> None:
    told = await post(client, asked("<div>You id<b>io</b>t, I will <i>ki</i>ll you.</div>"), f"{PHASE}?format=html")

    assert told["status"] == "REJECTED"
    assert "I will kill you" in told["moderationAction"]["rejectionReason"]["detailedExplanation"]


async def test_repetition_by_one_author_is_held_and_an_edit_is_none(client: httpx.AsyncClient, story: Story) -> None:
    words = "When does the bridge over the river open again?"
    statuses = [(await post(client, asked(words)))["status"] for _ in range(3)]
    edited = await post(client, asked(words, action="EDIT"))
    bob = await post(client, asked("My grandfather helped to build it.", author={"id": "bob", "role": "COMMENTER"}))

    assert statuses == ["APPROVED", "PREMOD", "PREMOD"]
    assert (edited["status"], bob["status"]) == ("APPROVED", "APPROVED")


async def test_the_words_of_an_imported_parent_are_found(newsroom: Newsroom) -> None:
    await stories.publish(newsroom, a_story())
    source = Source(name="coral", site="main", language="en", now=NOON, author_key=str)
    old = OldComment(
        key="d79b787f",
        parent=None,
        story=OldStory(url="http://news.example/river-bridge"),
        name="alice",
        body="Is the bridge safe?",
        at=NOON - 1,
        status=Status.APPROVED,
    )
    await take_over(newsroom.database, source, [prepare(old, NOON)])

    assert await words_of(newsroom, source="coral", key="d79b787f") == "Is the bridge safe?"
    assert await words_of(newsroom, source="coral", key="unknown") == ""


async def test_other_addresses(client: httpx.AsyncClient) -> None:
    assert (await client.get(PHASE)).status_code == 405
    assert (await client.post("/coral/other")).status_code == 404
