"""OpenAI's moderations: thirteen categories always, and every refusal in OpenAI's own shape."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import pytest

from majlis.services import keys
from majlis.services.newsroom import Newsroom
from majlis.web.compat.openai import CATEGORIES
from tests.conftest import NOON

MODERATIONS = "/v1/moderations"


async def post(client: httpx.AsyncClient, key: str, **given: Any) -> httpx.Response:
    return await client.post(MODERATIONS, headers={"authorization": f"Bearer {key}"}, **given)


async def test_all_thirteen_categories_are_there(client: httpx.AsyncClient, key: str) -> None:
    answer = (await post(client, key, json={"input": "Go back to your country, you filthy foreigners"})).json()

    assert set(answer) == {"id", "model", "results"}
    (result,) = answer["results"]
    for part in ("categories", "category_scores", "category_applied_input_types"):
        assert set(result[part]) == set(CATEGORIES)
    assert len(CATEGORIES) == 13
    scores = result["category_scores"]
    assert scores["hate"] > 0.5 > scores["hate/threatening"]
    for name, groups in CATEGORIES.items():
        assert result["categories"][name] is (scores[name] >= 0.5)
        assert result["category_applied_input_types"][name] == (["text"] if groups else [])
    assert result["flagged"] is any(result["categories"].values())


def test_the_guide_says_what_each_category_is_made_of() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "move" / "openai.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([a-z/-]+)` \| (.*) \|$", guide, re.MULTILINE))

    assert set(rows) == {name for name, groups in CATEGORIES.items() if groups}
    for name, said in rows.items():
        assert set(re.findall(r"[a-z]+(?:-[a-z]+)?", said)) >= set(chain(*CATEGORIES[name]))


@pytest.mark.parametrize(
    ("given", "status", "param"),
    [
        ({"content": b""}, 400, None),
        ({"content": b"input=x"}, 400, None),
        ({"content": b'{"input": "\xff"}'}, 400, None),
        ({"content": b'"' + b"x" * 5_000_000 + b'"'}, 413, None),
        ({"json": {}}, 400, None),
        ({"json": {"input": 7}}, 400, "input"),
        ({"json": {"input": "x", "stream": True}}, 400, None),
        ({"json": {"input": []}}, 400, "input"),
        ({"json": {"input": [" "]}}, 400, "input"),
        ({"json": {"input": ["x"] * 101}}, 400, "input"),
        ({"json": {"input": "x" * 20_481}}, 400, "input"),
        ({"json": {"input": ["x", {"type": "text", "text": "x"}]}}, 400, "input"),
        ({"json": {"input": [{"type": "sound", "url": "x"}]}}, 400, "input[0].type"),
        ({"json": {"input": "👍"}}, 400, "input"),
        ({"json": {"input": "x", "model": "gpt-9"}}, 404, "model"),
    ],
)
async def test_bad_input_is_told_as_openai_tells_it(
    client: httpx.AsyncClient, key: str, given: dict[str, Any], status: int, param: str | None
) -> None:
    answer = await post(client, key, **given)

    told = answer.json()["error"]
    assert (answer.status_code, told["type"], told["param"]) == (status, "invalid_request_error", param)
    assert set(told) == {"message", "type", "param", "code"}


async def test_keys_limits_and_other_addresses(client: httpx.AsyncClient, newsroom: Newsroom) -> None:
    slow = await keys.create_key(
        newsroom.database, site="main", name="x", scope=keys.Scope.JUDGE, now=NOON, random=bytes(34), rate="1/hour"
    )
    sent = {"input": "Good morning"}

    none = await client.post(MODERATIONS, json=sent)
    wrong = await post(client, "sk-of-before", json=sent)
    fine = await post(client, slow, json=sent)
    spent = await post(client, slow, json=sent)
    read = await client.get(MODERATIONS)
    other = await client.get("/v1/models")

    assert [answer.status_code for answer in (none, wrong, fine, spent, read, other)] == [401, 401, 200, 429, 405, 404]
    assert wrong.json()["error"]["code"] == "invalid_api_key"
    assert spent.json()["error"]["code"] == "rate_limit_exceeded"
    assert int(spent.headers["retry-after"]) > 0
    assert {tuple(answer.json()["error"]) for answer in (none, wrong, spent, read, other)} == {
        ("message", "type", "param", "code")
    }
