"""Where the judge cannot answer, no protocol takes its silence for calm."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from majlis import errors
from majlis.app import build, newsroom_of
from majlis.services import keys
from majlis.services.newsroom import Newsroom
from majlis.signals.gather import Signals
from tests.conftest import NOON, Clock, config_for

SECRET = "a secret that coral made"
TEXT = "Good morning to all"
Ask = Callable[[httpx.AsyncClient, str], Awaitable[httpx.Response]]


async def perspective(client: httpx.AsyncClient, key: str) -> httpx.Response:
    sent = {"comment": {"text": TEXT}, "requestedAttributes": {"TOXICITY": {}}}
    return await client.post(f"/v1alpha1/comments:analyze?key={key}", json=sent)


async def openai(client: httpx.AsyncClient, key: str) -> httpx.Response:
    return await client.post("/v1/moderations", json={"input": TEXT}, headers={"authorization": f"Bearer {key}"})


async def akismet(client: httpx.AsyncClient, key: str) -> httpx.Response:
    return await client.post("/1.1/comment-check", data={"key": key, "blog": "x", "comment_content": TEXT})


async def coral(client: httpx.AsyncClient, _: str) -> httpx.Response:
    told = {
        "action": "NEW",
        "comment": {"body": TEXT},
        "author": {"id": "7"},
        "story": {"url": "http://news.example/a"},
    }
    body = json.dumps(told).encode()
    signature = hmac.new(SECRET.encode(), body, sha256).hexdigest()
    return await client.post("/coral/moderation", content=body, headers={"x-coral-signature": f"sha256={signature}"})


ASKS = (perspective, openai, akismet, coral)


async def site(folder: Path, signals: Signals, clock: Clock) -> AsyncIterator[tuple[httpx.AsyncClient, Newsroom]]:
    config = config_for(f"sqlite:///{folder / 'majlis.db'}", coral_secrets=(SECRET,))
    async with newsroom_of(config, now=clock, signals=signals) as (newsroom, live):
        transport = httpx.ASGITransport(build(config, newsroom, live))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            yield client, newsroom


@pytest.fixture
async def deaf(tmp_path: Path, signals: Signals, clock: Clock) -> AsyncIterator[tuple[httpx.AsyncClient, Newsroom]]:
    """A site without a classifier."""
    broken = replace(signals, classifier=None, broken=errors.WeightsInvalid("No classifier was loaded."))
    async for made in site(tmp_path, broken, clock):
        yield made


@pytest.fixture
async def busy(tmp_path: Path, signals: Signals, clock: Clock) -> AsyncIterator[tuple[httpx.AsyncClient, Newsroom]]:
    """A site whose every judging thread has something else to do."""
    done = threading.Event()
    async for client, newsroom in site(tmp_path, signals, clock):
        for _ in range(8):
            newsroom.pool.submit(done.wait, 30)
        yield client, newsroom
        done.set()


async def make_key(newsroom: Newsroom) -> str:
    scope = keys.Scope.JUDGE
    return await keys.create_key(newsroom.database, site="main", name="x", scope=scope, now=NOON, random=bytes(34))


def check(answer: httpx.Response, ask: Ask) -> None:
    if ask is coral:
        assert (answer.status_code, answer.json()) == (200, {"status": "PREMOD"})
        return
    assert answer.status_code == 503
    if ask is perspective:
        assert answer.json()["error"]["status"] == "UNAVAILABLE"
    elif ask is openai:
        assert answer.json()["error"]["type"] == "server_error"
    else:
        assert answer.text not in {"true", "false", "invalid"}
        assert answer.headers["x-akismet-debug-help"]


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)
async def test_without_a_classifier(deaf: tuple[httpx.AsyncClient, Newsroom], ask: Ask) -> None:
    client, newsroom = deaf
    check(await ask(client, await make_key(newsroom)), ask)


@pytest.mark.parametrize("ask", ASKS, ids=lambda ask: ask.__name__)
async def test_in_time_or_not_at_all(busy: tuple[httpx.AsyncClient, Newsroom], ask: Ask) -> None:
    client, newsroom = busy
    check(await ask(client, await make_key(newsroom)), ask)
