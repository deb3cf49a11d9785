"""Whatever is sent to a foreign protocol, it answers in its own shape and never with a failure of ours."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from majlis.web import compat

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
NAMES = st.sampled_from(["input", "model", "type", "text", "image_url", "url", "comment", "body", "key", "blog"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
FUZZED = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@FUZZED
@given(sent=VALUES, raw=st.none() | st.binary(max_size=60))
async def test_openai_answers_as_openai(client: httpx.AsyncClient, key: str, sent: Any, raw: bytes | None) -> None:
    body = json.dumps(sent if isinstance(sent, dict) else {"input": sent}).encode() if raw is None else raw

    answer = await client.post("/v1/moderations", content=body, headers={"authorization": f"Bearer {key}"})

    assert answer.status_code in {200, 400, 404}
    told = answer.json()
    assert set(told) == {"id", "model", "results"} or set(told["error"]) == {"message", "type", "param", "code"}


@FUZZED
@given(
    path=st.sampled_from(["verify-key", "comment-check", "submit-spam", "submit-ham"]),
    fields=st.dictionaries(
        st.sampled_from(["blog", "comment_content", "comment_author", "comment_author_url", "honeypot_field_name"]),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    ),
    tail=st.binary(max_size=20),
)
async def test_akismet_answers_in_plain_words(
    client: httpx.AsyncClient, key: str, path: str, fields: dict[str, str], tail: bytes
) -> None:
    form = urlencode(fields | {"key": key}).encode()

    answer = await client.post(
        f"/1.1/{path}", content=form + b"&x=" + tail, headers={"content-type": "application/x-www-form-urlencoded"}
    )

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text


@pytest.mark.parametrize("path", compat.PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_nothing_of_ours_is_told_below_a_foreign_address(
    client: httpx.AsyncClient, path: str, method: str
) -> None:
    answer = await client.request(method, f"{path}anything")

    assert answer.status_code == 404
    assert "problem" not in answer.headers["content-type"]
    assert "majlis" not in answer.text
