"""What is the same for everyone is sent from memory, never older than the last change that this process made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from majlis.domain.site import Story
from majlis.services import react
from majlis.services.newsroom import Newsroom
from majlis.services.submit import Draft, submit
from majlis.web.live import Live
from majlis.web.ready import HELD_SECONDS, PATHS, Ready, encoding
from tests.conftest import Desk

COUNTS = "/api/v1/counts"


class Counted:
    """An application that answers with how often it was asked, and keeps what it was asked with."""

    def __init__(self, size: int = 0, status: int = 200) -> None:
        self.asked: list[Scope] = []
        self.during: Callable[[], Awaitable[None]] | None = None
        self._size, self._status = size, status

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.asked.append(scope)
        body = str(len(self.asked)).encode() + b" " * self._size
        if self.during is not None:
            await self.during()
        headers = [(b"etag", b'W/"%d"' % len(self.asked)), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Seconds:
    """A monotonic clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def client_of(ready: Ready) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(ready), base_url="http://testserver")


async def test_an_answer_is_made_once_until_something_is_announced() -> None:
    app, live = Counted(), Live()
    client = client_of(Ready(app, live=live))

    first = [(await client.get(COUNTS)).text for _ in range(3)]
    live.announce("bridge")
    second = (await client.get(COUNTS)).text

    assert (first, second) == (["1", "1", "1"], "2")


async def test_what_another_process_changed_is_seen_after_a_moment() -> None:
    app, clock = Counted(), Seconds()
    client = client_of(Ready(app, live=Live(), now=clock))
    said = []

    for step in (0, HELD_SECONDS - 0.01, 0.02):
        clock.now += step
        said.append((await client.get(COUNTS)).text)

    assert said == ["1", "1", "2"]


async def test_an_answer_that_was_made_while_something_changed_is_not_held() -> None:
    app, live = Counted(), Live()
    client = client_of(Ready(app, live=live))

    async def change() -> None:
        live.announce("bridge")

    app.during = change
    await client.get(COUNTS)
    app.during = None

    assert (await client.get(COUNTS)).text == "2"


async def test_who_comes_after_a_change_does_not_get_what_was_begun_before_it() -> None:
    app, live, gate = Counted(), Live(), asyncio.Event()
    client = client_of(Ready(app, live=live))

    async def wait() -> None:
        await gate.wait()

    app.during = wait
    before = [asyncio.ensure_future(client.get(COUNTS)) for _ in range(20)]
    while not app.asked:
        await asyncio.sleep(0)
    live.announce("bridge")
    after = asyncio.ensure_future(client.get(COUNTS))
    while len(app.asked) < 2:
        await asyncio.sleep(0)
    gate.set()

    assert {answer.text for answer in await asyncio.gather(*before)} == {"1"}
    assert (await after).text == "2"
    assert len(app.asked) == 2


async def test_nothing_that_one_reader_sends_can_reach_another() -> None:
    app = Counted()
    client = client_of(Ready(app, live=Live()))

    await client.get(
        COUNTS, headers={"cookie": "majlis_desk=alice", "origin": "http://evil.example", "accept-encoding": "gzip, br"}
    )

    assert app.asked[0]["headers"] == [(b"accept-encoding", b"br")]


@pytest.mark.parametrize("method", ["POST", "OPTIONS", "DELETE"])
async def test_other_requests_are_handed_on_as_they_are(method: str) -> None:
    app = Counted()
    client = client_of(Ready(app, live=Live()))

    for _ in range(2):
        await client.request(method, COUNTS)
        await client.get("/api/v1/challenge")

    assert [asked["method"] for asked in app.asked] == [method, "GET"] * 2


async def test_errors_are_not_held() -> None:
    app = Counted(status=503)
    client = client_of(Ready(app, live=Live()))

    assert [(await client.get(COUNTS)).text for _ in range(2)] == ["1", "2"]


async def test_what_is_held_keeps_within_its_bytes() -> None:
    app = Counted(size=1_000)
    ready = Ready(app, live=Live(), most=10_000)
    client = client_of(ready)

    for number in range(50):
        await client.get(COUNTS, params={"story": str(number)})
        assert ready.bytes <= 10_000
    last = (await client.get(COUNTS, params={"story": "49"})).text.strip()
    first = (await client.get(COUNTS, params={"story": "0"})).text.strip()

    assert (last, first) == ("50", "51")


@pytest.mark.parametrize(
    ("known", "status"),
    [
        ('W/"1"', 304),
        ('"1"', 304),
        ('"0", W/"1"', 304),
        ("*", 304),
        ('W/"0"', 200),
        ("", 200),
    ],
)
async def test_who_has_the_answer_is_told_so(known: str, status: int) -> None:
    client = client_of(Ready(Counted(), live=Live()))

    answer = await client.get(COUNTS, headers={"if-none-match": known})

    assert answer.status_code == status
    assert ("content-length" in answer.headers) == (status == 200)
    assert answer.headers["etag"] == 'W/"1"'


async def test_head_has_the_headers_and_no_body() -> None:
    app = Counted()
    client = client_of(Ready(app, live=Live()))

    head, get = await client.head(COUNTS), await client.get(COUNTS)

    assert (head.content, head.headers) == (b"", get.headers)
    assert len(app.asked) == 1


@pytest.mark.parametrize(
    ("accepted", "used"),
    [
        (b"gzip, deflate, br", b"br"),
        (b"gzip, br;q=0", b"gzip"),
        (b"BR", b"br"),
        (b"br; q=0.000, gzip;q=0", b""),
        (b"", b""),
        (b"identity", b""),
    ],
)
def test_the_smallest_form_that_a_client_takes_is_sent(accepted: bytes, used: bytes) -> None:
    assert encoding(accepted) == used


@pytest.mark.parametrize("path", sorted(PATHS))
async def test_every_answer_from_memory_is_guarded_and_open_to_every_page(
    client: httpx.AsyncClient, story: Story, path: str
) -> None:
    for origin in ({}, {"origin": "http://blog.example"}, {"origin": "http://evil.example"}):
        for asked in ({"story": story.url}, {"story": "not an address", "limit": "no"}):
            answer = await client.get(path, params=asked, headers=origin)
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_like_shows_at_once(client: httpx.AsyncClient, newsroom: Newsroom, story: Story, desk: Desk) -> None:
    comment = await desk.publish()

    async def likes() -> int:
        found = (await client.get("/api/v1/threads", params={"story": story.url})).json()["comments"]
        return int(found[0]["likes"])

    before = await likes()
    await react.like(newsroom, comment=comment.id, reader="bob", address="192.0.2.1", liked=True)

    assert (before, await likes()) == (0, 1)


async def test_a_story_that_its_first_comment_brings_shows_at_once(
    client: httpx.AsyncClient, newsroom: Newsroom
) -> None:
    url = "http://news.example/new"

    async def title() -> str:
        return str((await client.get("/api/v1/threads", params={"story": url})).json()["story"]["title"])

    before = await title()
    await submit(newsroom, Draft(url=url, body="Good news.", name="bob", title="A new mill", trusted=True))

    assert (before, await title()) == ("", "A new mill")
