"""What the reader API refuses: each time a problem that names the field, and nothing is kept or breaks."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from majlis.domain.site import Story
from tests.conftest import ORIGIN
from tests.web.sending import API, sent

BAD_BODIES = [
    (b"", 400),
    (b"{", 400),
    (b"\xff\xfe", 400),
    (b"[]", 422),
    (b'{"story": 3}', 422),
    (b'{"story": {"url": "http://news.example/river-bridge"}}', 422),
    (b"[" * 50_000, 422),
    (b'"' + b"x" * 200_000 + b'"', 413),
]


@pytest.mark.parametrize(("body", "status"), BAD_BODIES, ids=range(len(BAD_BODIES)))
async def test_a_body_that_is_no_comment_is_a_problem(
    client: httpx.AsyncClient, key: str, body: bytes, status: int
) -> None:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}

    answer = await client.post(f"{API}/comments", content=body, headers=headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


BAD_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"body": ""}, "body"),
    ({"body": " \n\u200b\u2060 "}, "body"),
    ({"body": "x" * 5_001}, "body"),
    ({"body": "\U0001f4a9" * 5_001}, "body"),
    ({"body": "a\u0000b"}, "body"),
    ({"body": "a\u001bb"}, "body"),
    ({"body": 3}, "body"),
    ({"body": None}, "body"),
    ({"author": {"name": ""}}, "author.name"),
    ({"author": {"name": "x" * 81}}, "author.name"),
    ({"author": {"name": "a\nb"}}, "author.name"),
    ({"author": {"name": "bob", "email": "not an address"}}, "author.email"),
    ({"parent": "\u0000"}, "parent"),
    ({"parent": "0" * 32}, "parent"),
    ({"language": "not a language"}, "language"),
    ({"surprise": 1}, ""),
    ({"story": {"url": "ftp://news.example/x"}}, "story.url"),
    ({"story": {"url": "not an address"}}, "story.url"),
    ({"story": {"url": ORIGIN + "/" + "x" * 3_000}}, "story.url"),
    ({"story": {"url": "http://[::1"}}, "story.url"),
]


@pytest.mark.parametrize(("changes", "field"), BAD_FIELDS, ids=range(len(BAD_FIELDS)))
async def test_a_field_that_cannot_be_is_named(
    client: httpx.AsyncClient, story: Story, key: str, changes: dict[str, Any], field: str
) -> None:
    headers = {"authorization": f"Bearer {key}"}

    answer = await client.post(f"{API}/comments", json=sent(story, **changes), headers=headers)

    assert answer.status_code == 422
    assert answer.json().get("field", "") == field
    thread = await client.get(f"{API}/threads", params={"story": story.url})
    assert thread.json()["comments"] == []


async def test_lone_surrogates_are_refused(client: httpx.AsyncClient, story: Story, key: str) -> None:
    raw = json.dumps(sent(story)).replace("When", "\\ud800 When")
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}

    answer = await client.post(f"{API}/comments", content=raw, headers=headers)

    assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    "query",
    [
        "", "?story=", "?story=nowhere", "?story=http://x.example/", "?story=http://news.example/%00",
        "?story=http://news.example/x&sort=best", "?story=http://news.example/x&limit=0",
        "?story=http://news.example/x&limit=201", "?story=http://news.example/x&limit=%D9%A1",
        "?story=http://news.example/x&after=nonsense", "?story=%ff",
    ],
)  # fmt: skip
async def test_a_thread_that_cannot_be_is_a_problem(client: httpx.AsyncClient, story: Story, query: str) -> None:
    answer = await client.get(f"{API}/threads{query}")

    assert 400 <= answer.status_code < 500
    assert answer.json()["code"]


async def test_an_unknown_address_and_method_are_problems(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{API}/nothing")).json()["code"] == "not-found"
    assert (await client.put(f"{API}/comments")).json()["code"] == "method-not-allowed"


async def test_an_unsafe_request_from_a_foreign_page_is_refused(
    client: httpx.AsyncClient, story: Story, key: str
) -> None:
    headers = {"authorization": f"Bearer {key}"}
    for origin, status in (("http://evil.example", 403), ("null", 403), ("http://blog.example", 201)):
        answer = await client.post(f"{API}/comments", json=sent(story), headers=headers | {"origin": origin})
        assert answer.status_code == status


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient, story: Story) -> None:
    for path in ("/", "/healthz", f"{API}/stories", f"/stories/{story.id}", "/nothing"):
        headers = (await client.get(path)).headers
        policy = headers["content-security-policy"]
        assert "unsafe-inline" not in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"


@given(body=st.text(max_size=300), name=st.text(max_size=40))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_is_kept_as_it_is_or_clearly_refused(
    client: httpx.AsyncClient, story: Story, key: str, body: str, name: str
) -> None:
    """No text breaks the server; what is taken is kept to the last code point."""
    headers = {"authorization": f"Bearer {key}"}
    raw = json.dumps(sent(story, body=body, author={"name": name}))

    answer = await client.post(f"{API}/comments", content=raw, headers=headers | {"content-type": "application/json"})

    if answer.status_code == 201:
        token = answer.json()["receipt"].rsplit("/", 1)[1]
        assert (await client.get(f"{API}/receipts/{token}")).json()["body"] == body
    else:
        assert answer.status_code in {400, 422}
        assert answer.json()["code"] in {"invalid-input", "unreadable"}
