"""Akismet's contract: plain words, the key in any of its places, and repetition noticed without storing anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from majlis.interchange.leaving import WRITERS
from majlis.services import keys
from majlis.services.newsroom import Newsroom
from tests.conftest import NOON, Clock

CHECK = "/1.1/comment-check"
BLOG = "https://news.example"
NOT_TEXT = "The value of comment_content is empty or not text."
WORDS = "The bridge over the river opens in spring"


async def post(client: httpx.AsyncClient, path: str, /, **fields: str) -> httpx.Response:
    return await client.post(path, data={"blog": BLOG, "user_ip": "192.0.2.7"} | fields)


async def test_the_key_may_be_in_the_form_under_either_name_or_in_the_host(client: httpx.AsyncClient, key: str) -> None:
    fields = {"blog": BLOG, "user_ip": "192.0.2.7", "comment_content": "Good morning"}
    host = {"host": f"{key.upper()}.rest.akismet.example"}

    for sent, headers in (({"key": key}, {}), ({"api_key": key}, {}), ({}, host)):
        assert (await client.post("/1.1/verify-key", data=fields | sent, headers=headers)).text == "valid"
        answer = await client.post(CHECK, data=fields | sent, headers=headers)
        assert (answer.status_code, answer.text) == (200, "false")
        assert answer.headers["content-type"].startswith("text/plain")


async def test_a_wrong_key_is_invalid(client: httpx.AsyncClient) -> None:
    for path in ("/1.1/verify-key", CHECK, "/1.1/submit-spam", "/1.1/submit-ham"):
        answer = await post(client, path, key="123YourAPIKey", comment_content="x")
        assert (answer.status_code, answer.text) == (200, "invalid")
        assert answer.headers["x-akismet-debug-help"]
    assert (await client.get("/1.2/usage-limit?api_key=x")).text == "invalid"


async def checked(client: httpx.AsyncClient, key: str, content: str = WORDS, **fields: str) -> str:
    return (await post(client, CHECK, key=key, comment_content=content, **fields)).text


async def test_repetition_is_spam_and_a_second_look_is_none(client: httpx.AsyncClient, key: str) -> None:
    alice = {"comment_author_email": "alice@reader.example"}

    assert [await checked(client, key, **alice) for _ in range(3)] == ["false", "false", "true"]
    assert await checked(client, key, recheck_reason="recheck_queue", **alice) == "false"
    assert await checked(client, key, "Another thing about the river", **alice) == "false"


async def test_the_same_words_from_many_are_spam_on_one_page_only(client: httpx.AsyncClient, key: str) -> None:
    here, there = {"permalink": f"{BLOG}/a"}, {"permalink": f"{BLOG}/b"}

    answers = [await checked(client, key, comment_author=f"reader {n}", **here) for n in range(3)]

    assert answers == ["false", "false", "true"]
    assert await checked(client, key, comment_author="reader 4", **there) == "false"


async def test_flooding_is_spam(client: httpx.AsyncClient, key: str, clock: Clock) -> None:
    for n in range(5):
        assert await checked(client, key, f"Thought number {n} about the bridge") == "false"
    assert await checked(client, key, "And one more thought on it") == "true"
    clock.pass_seconds(61)
    assert await checked(client, key, "A last thought, a minute later") == "false"


async def test_promotion_in_the_name_and_address_is_spam(client: httpx.AsyncClient, key: str) -> None:
    shop = {"comment_author": "Best cheap casino bonus, click here", "comment_author_url": "http://casino.example/win"}

    assert await checked(client, key, "Nice article", **shop) == "true"
    assert (
        await checked(client, key, "Nice piece", comment_author="c", comment_author_url="http://c.example") == "false"
    )


async def test_abuse_is_no_spam(client: httpx.AsyncClient, key: str) -> None:
    assert await checked(client, key, "You idiot, I will kill you.") == "false"


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        ({"json": {"blog": BLOG}}, 200, "content type"),
        ({"data": {"comment_content": "x"}}, 200, "Missing required field: blog."),
        ({"data": {"blog": BLOG}}, 200, "Missing required field: comment_content."),
        ({"data": {"blog": BLOG, "comment_content": "x" * 65_537}}, 200, "more than 65536 bytes"),
        ({"data": {"blog": BLOG, "comment_content": "x" * 1_100_000}}, 413, "more than 1048576 bytes"),
        ({"content": b"blog=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}}, 200, "UTF-8"),
    ],
    ids=["json", "blog", "content", "long", "huge", "not-utf8"],
)
async def test_bad_input_is_neither_true_nor_false(
    client: httpx.AsyncClient, key: str, given: dict[str, Any], status: int, says: str
) -> None:
    fields = {"data": given["data"] | {"key": key}} if "data" in given else {}

    answer = await client.post(CHECK, **given | fields)

    assert answer.status_code == status
    assert says in answer.text
    assert says in answer.headers["x-akismet-debug-help"]


async def test_a_submission_is_kept_and_decides_nothing(
    client: httpx.AsyncClient, key: str, newsroom: Newsroom, tmp_path: Path
) -> None:
    asked = {"key": key, "comment_content": WORDS, "permalink": f"{BLOG}/a"}

    for said in ("/1.1/submit-spam", "/1.1/submit-ham"):
        assert (await post(client, said, **asked)).text == "Thanks for making the web a better place."
    assert (await post(client, "/1.1/submit-spam", **asked | {"comment_content": "a\0b"})).text == NOT_TEXT

    path = tmp_path / "feedback.jsonl"
    assert await WRITERS["feedback"](newsroom.database, path, "main") == 2
    kept = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    assert {(one["labels"]["spam"], one["protocol"], one["reference"]) for one in kept} == {
        (1.0, "akismet", f"{BLOG}/a"),
        (0.0, "akismet", f"{BLOG}/a"),
    }
    assert await checked(client, key) == "false"


async def test_limits_and_other_addresses(client: httpx.AsyncClient, newsroom: Newsroom) -> None:
    slow = await keys.create_key(
        newsroom.database,
        site="main",
        name="x",
        scope=keys.Scope.JUDGE,
        now=NOON,
        random=bytes(34),
        rate="2/minute;100/day",
    )

    limit = (await client.get(f"/1.2/usage-limit?api_key={slow}")).json()
    assert limit == {"limit": 100, "usage": 1, "percentage": "1.00", "throttled": False}
    await checked(client, slow)
    spent = await post(client, CHECK, key=slow, comment_content=WORDS)
    assert (spent.status_code, spent.text in {"true", "false"}) == (429, False)
    assert int(spent.headers["retry-after"]) > 0
    for method, path, status in (("GET", CHECK, 405), ("POST", "/1.1/get-stats", 404), ("GET", "/1.2/key-sites", 404)):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (status, "text/plain")
