"""Perspective's contract: messages byte for byte, offsets in UTF-16, and every refusal in Google's own shape."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from majlis.domain.site import LANGUAGES
from majlis.interchange.leaving import WRITERS
from majlis.services import keys
from majlis.services.newsroom import Newsroom
from majlis.web.compat.perspective import ATTRIBUTES
from tests.conftest import NOON

ANALYZE = "/v1alpha1/comments:analyze"
SUGGEST = "/v1alpha1/comments:suggestscore"
THREAT = "😀😀 You idiot, I will kill you 😀"
TOXICITY: dict[str, Any] = {"requestedAttributes": {"TOXICITY": {}}}


async def post(client: httpx.AsyncClient, key: str, sent: Any, path: str = ANALYZE) -> httpx.Response:
    return await client.post(f"{path}?key={key}", json=sent)


def error(answer: httpx.Response) -> tuple[int, str, str, str]:
    """Return status, Google's status, the message and the kind of an error."""
    told = answer.json()["error"]
    assert told["code"] == answer.status_code
    return answer.status_code, told["status"], told["message"], told.get("details", [{}])[0].get("errorType", "")


async def test_every_attribute_is_answered(client: httpx.AsyncClient, key: str) -> None:
    article = {"article": {"text": "The council closes the bridge."}, "parentComment": {"text": "And then?"}}
    sent = {
        "comment": {"text": THREAT, "type": "PLAIN_TEXT"},
        "context": {"articleAndParentComment": article},
        "requestedAttributes": {name: {"scoreType": "PROBABILITY"} for name in ATTRIBUTES},
        "doNotStore": True,
        "sessionId": "1",
        "communityId": "2",
    }

    scores = (await post(client, key, sent)).json()["attributeScores"]

    assert set(scores) == set(ATTRIBUTES)
    for one in scores.values():
        assert 0 <= one["summaryScore"]["value"] <= 1
        assert one["summaryScore"]["type"] == "PROBABILITY"
    assert scores["LIKELY_TO_REJECT"]["summaryScore"]["value"] >= scores["TOXICITY"]["summaryScore"]["value"]


def test_the_guide_says_what_each_attribute_is_made_of() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "move" / "perspective.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*) \|$", guide, re.MULTILINE))
    derived = {name: ", ".join(clauses) for name, clauses in ATTRIBUTES.items() if not name.endswith("_EXPERIMENTAL")}

    assert rows.pop("LIKELY_TO_REJECT").startswith("all")
    assert rows.pop("OFF_TOPIC").startswith(derived.pop("OFF_TOPIC"))
    assert rows == {name: clauses for name, clauses in derived.items() if name in rows}
    assert set(derived) == {*rows, "LIKELY_TO_REJECT"}


async def test_spans_count_utf16_units(client: httpx.AsyncClient, key: str) -> None:
    sent = {"comment": {"text": THREAT}, "requestedAttributes": {"THREAT": {}}, "spanAnnotations": True}

    spans = (await post(client, key, sent)).json()["attributeScores"]["THREAT"]["spanScores"]
    whole = (await post(client, key, sent | {"spanAnnotations": False})).json()["attributeScores"]["THREAT"]

    units = THREAT.encode("utf-16-le")
    quotes = [units[2 * span["begin"] : 2 * span["end"]].decode("utf-16-le") for span in spans]
    assert "I will kill you" in " ".join(quotes)
    assert [(span["begin"], span["end"]) for span in whole["spanScores"]] == [(0, len(units) // 2)]


async def test_a_score_below_its_threshold_is_left_out(client: httpx.AsyncClient, key: str) -> None:
    asked = {"THREAT": {"scoreThreshold": 0.5}, "PROFANITY": {"scoreThreshold": 0.5}, "INSULT": None}

    answer = await post(client, key, {"comment": {"text": THREAT}, "requestedAttributes": asked})

    assert set(answer.json()["attributeScores"]) == {"THREAT", "INSULT"}


@pytest.mark.parametrize(
    ("text", "asked", "languages", "detected"),
    [
        ("Thank you for this report about the bridge", None, ["en"], ["en"]),
        ("سوپاس بۆ ئەم هەواڵە، زۆر باش بوو", None, ["ckb"], ["ckb"]),
        ("Spas ji bo vê nûçeyê, gelek baş bû", ["ku"], ["ku"], ["kmr"]),
        ("سپاس از این گزارش خوب شما", ["fa-IR", "om"], ["fa-IR", "om"], ["fa"]),
        ("Bu haber için çok teşekkür ederim", ["en"], ["en"], ["tr"]),
    ],
)
async def test_languages_are_found_or_taken_as_said(
    client: httpx.AsyncClient, key: str, text: str, asked: list[str] | None, languages: list[str], detected: list[str]
) -> None:
    answer = (await post(client, key, TOXICITY | {"comment": {"text": text}, "languages": asked})).json()

    assert (answer["languages"], answer["detectedLanguages"]) == (languages, detected)


TEXT = {"comment": {"text": "Good morning to all"}}
ENTRY = {"text": "x"}
REFUSED = [
    ({}, "COMMENT_EMPTY", "Comment must be non-empty."),
    ({"comment": {"text": ""}, **TOXICITY}, "COMMENT_EMPTY", "Comment must be non-empty."),
    ({"comment": {"text": "é" * 10_241}, **TOXICITY}, "COMMENT_TOO_LONG", "Comment text too long."),
    (TEXT, "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"),
    (
        TEXT | {"requestedAttributes": {"FLIRTATION": {}}},
        "INVALID_REQUEST",
        "Unknown requested attribute: FLIRTATION",
    ),
    (
        TEXT | {"requestedAttributes": {"TOXICITY": {"scoreType": "PERCENTILE"}}},
        "INVALID_REQUEST",
        "Requested score type PERCENTILE is not supported by attribute TOXICITY",
    ),
    (
        TEXT | TOXICITY | {"languages": ["om", "de"]},
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        "Attribute TOXICITY does not support request languages: om, de",
    ),
    (
        {"comment": {"text": "Das ist ein schöner Tag, und wir gehen alle spazieren."}} | TOXICITY,
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        "Attribute TOXICITY does not support request languages: de",
    ),
    ({"comment": {"text": "👍"}} | TOXICITY, "LANGUAGE_DETECTION_FAILED", "Unable to detect language"),
    (
        {"comment": {"text": "x", "type": "HTML"}} | TOXICITY,
        "INVALID_REQUEST",
        "Currently, only 'PLAIN_TEXT' comments are supported",
    ),
    ({"comment": {"text": "x", "type": "RTF"}} | TOXICITY, "INVALID_REQUEST", "Unknown text type"),
    (
        TEXT | TOXICITY | {"context": {"entries": [ENTRY], "articleAndParentComment": {"article": ENTRY}}},
        "INVALID_REQUEST",
        "Context can have either entries or article_and_parent_comment, but both fields were populated.",
    ),
    (
        TEXT | {"requestedAttributes": {"OFF_TOPIC": {}}},
        "INVALID_REQUEST",
        "Attribute OFF_TOPIC needs the context that the comment is about",
    ),
]


@pytest.mark.parametrize(("sent", "kind", "message"), REFUSED, ids=[message[:40] for *_, message in REFUSED])
async def test_refusals_are_googles_word_for_word(
    client: httpx.AsyncClient, key: str, sent: Any, kind: str, message: str
) -> None:
    assert error(await post(client, key, sent)) == (400, "INVALID_ARGUMENT", message, kind)


async def test_an_error_is_google_rpc_in_json(client: httpx.AsyncClient, key: str) -> None:
    answer = await post(client, key, {})

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "error": {
            "code": 400,
            "message": "Comment must be non-empty.",
            "status": "INVALID_ARGUMENT",
            "details": [
                {
                    "@type": "type.googleapis.com/google.commentanalyzer.v1alpha1.Error",
                    "errorType": "COMMENT_EMPTY",
                }
            ],
        }
    }


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Invalid JSON payload received."),
        (b"comment=x", "Invalid JSON payload received."),
        (b'{"comment": {"text": "\xff"}}', "Invalid JSON payload received."),
        (b'{"comment": {"text": "\\ud800"}}', "Invalid JSON payload received."),
        (b"[" * 100_000, "Invalid value: "),
        (b'{"comment": {"test": 1}}', "Invalid JSON payload received. Unknown name \"test\" at 'comment': "),
        (b'{"comment": {"text": 1}}', "Invalid value at 'comment.text': "),
        (b'"' + b"x" * 5_000_000 + b'"', "Request payload size exceeds the limit."),
    ],
    ids=["empty", "form", "not-utf8", "half-a-pair", "deep", "unknown-name", "type", "size"],
)
async def test_a_body_that_cannot_be_read_is_refused(
    client: httpx.AsyncClient, key: str, body: bytes, message: str
) -> None:
    code, status, told, _ = error(await client.post(f"{ANALYZE}?key={key}", content=body))

    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert told.startswith(message)


async def test_keys_and_limits(client: httpx.AsyncClient, key: str, newsroom: Newsroom) -> None:
    sent = TEXT | TOXICITY
    slow = await keys.create_key(
        newsroom.database, site="main", name="x", scope=keys.Scope.JUDGE, now=NOON, random=bytes(34), rate="1/hour"
    )

    none = await client.post(ANALYZE, json=sent)
    wrong = await post(client, "AIzaSy-of-before", sent)
    header = await client.post(ANALYZE, json=sent, headers={"x-goog-api-key": slow})
    spent = await post(client, slow, sent)

    assert error(none)[:2] == (403, "PERMISSION_DENIED")
    assert error(wrong)[:3] == (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.")
    assert wrong.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert header.status_code == 200
    assert error(spent)[:2] == (429, "RESOURCE_EXHAUSTED")
    assert int(spent.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ANALYZE), ("DELETE", SUGGEST), ("POST", "/v1alpha1/comments:x"), ("GET", "/$discovery/rest")],
)
async def test_other_addresses_answer_in_the_same_shape(client: httpx.AsyncClient, method: str, path: str) -> None:
    assert error(await client.request(method, path))[0] == 404


async def test_any_page_may_ask_with_its_key(client: httpx.AsyncClient, key: str) -> None:
    elsewhere = {"origin": "https://elsewhere.example"}
    asked = await client.options(ANALYZE, headers=elsewhere | {"access-control-request-method": "POST"})
    answer = await client.post(f"{ANALYZE}?key={key}", json=TEXT | TOXICITY, headers=elsewhere | {"cookie": "a=b"})

    assert (asked.status_code, answer.status_code) == (204, 200)
    for one in (asked, answer):
        assert one.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in one.headers


async def test_the_discovery_document_leads_to_us(client: httpx.AsyncClient) -> None:
    document = (await client.get("/$discovery/rest?version=v1alpha1")).json()

    assert document["rootUrl"] == document["baseUrl"] == "http://testserver/"
    names = set(document["schemas"])
    for name, schema in document["schemas"].items():
        assert schema["id"] == name
        assert set(re.findall(r'"\$ref": "(\w+)"', json.dumps(schema))) <= names
    for method in document["resources"]["comments"]["methods"].values():
        assert {method["request"]["$ref"], method["response"]["$ref"]} <= names
    assert document["schemas"]["AttributeParameters"]["properties"]["scoreThreshold"]["format"] == "float"


async def test_a_suggestion_is_kept_as_coral_sends_it(
    client: httpx.AsyncClient, key: str, newsroom: Newsroom, tmp_path: Path
) -> None:
    sent = {
        "comment": {"text": "Well said"},
        "context": {"entries": [{"text": '{"Coral_comment_id":"5"}'}]},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
        "languages": ["en"],
        "communityId": "Coral:https://coral.example",
        "clientToken": "comment:5",
    }

    answer = await post(client, key, sent, SUGGEST)
    parts = {"INSULT": {"spanScores": [{"begin": 0, "end": 4, "score": {"value": 0.25}}]}}
    await post(client, key, {"comment": {"text": "سوپاس"}, "attributeScores": parts}, SUGGEST)

    assert answer.json() == {"clientToken": "comment:5", "requestedLanguages": ["en"], "detectedLanguages": ["en"]}
    path = tmp_path / "feedback.jsonl"
    await WRITERS["feedback"](newsroom.database, path, "main")
    kept = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    first, second = sorted(kept, key=lambda one: one["reference"], reverse=True)
    assert (first["text"], first["labels"], first["sender"]) == ("Well said", {"TOXICITY": 1.0}, "cms")
    assert first["reference"] == "Coral:https://coral.example comment:5"
    assert second["labels"] == {"INSULT": 0.25}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"attributeScores": {}}, "Missing attribute_scores"),
        ({"attributeScores": {"NUANCE_EXPERIMENTAL": {}}}, "Unknown requested attribute: NUANCE_EXPERIMENTAL"),
        (
            {"attributeScores": {"SPAM": {"summaryScore": {"value": 7}}}},
            "The suggested score of SPAM is not between 0 and 1",
        ),
        ({"comment": {"text": "a\0b"}}, "The request holds a null character, which is not text"),
        ({"comment": None}, "Comment must be non-empty."),
    ],
)
async def test_a_suggestion_that_cannot_be_kept_is_refused(
    client: httpx.AsyncClient, key: str, change: dict[str, Any], message: str
) -> None:
    sent = TEXT | {"attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}}} | change

    assert error(await post(client, key, sent, SUGGEST))[:3] == (400, "INVALID_ARGUMENT", message)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "comment",
                    "text",
                    "type",
                    "requestedAttributes",
                    "attributeScores",
                    "TOXICITY",
                    "summaryScore",
                    "value",
                    "languages",
                    "context",
                    "entries",
                    "spanAnnotations",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(sent=VALUES, languages=st.lists(st.sampled_from([*LANGUAGES, "de", "", "-", "ku"]), max_size=2))
async def test_whatever_is_sent_the_answer_is_googles(
    client: httpx.AsyncClient, key: str, sent: Any, languages: list[str]
) -> None:
    whole = TEXT | TOXICITY | {"languages": languages} | (sent if isinstance(sent, dict) else {"comment": sent})
    for path in (ANALYZE, SUGGEST):
        answer = await post(client, key, whole, path)
        assert answer.status_code in {200, 400}
        assert ("error" in answer.json()) is (answer.status_code == 400)
