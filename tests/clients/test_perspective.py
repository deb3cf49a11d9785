"""Perspective's clients: Google's own for Python, which builds itself from our discovery document, and two for Node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from googleapiclient import discovery
from googleapiclient.errors import HttpError

from tests.served import Server

THREAT = "You idiot, I will kill you."
Node = Callable[[str], Any]


def built(server: Server, key: str) -> Any:
    """Return Google's client, told where the discovery document is."""
    return discovery.build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key,
        discoveryServiceUrl=f"{server.origin}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    )


@pytest.fixture
def google(server: Server) -> Iterator[Any]:
    with built(server, server.key) as client:
        yield client


def ask(text: str, *attributes: str, **more: Any) -> dict[str, Any]:
    return {"comment": {"text": text}, "requestedAttributes": {name: {} for name in attributes}, **more}


def test_googles_python_client_scores_a_comment(google: Any) -> None:
    answer = google.comments().analyze(body=ask(THREAT, "TOXICITY", "THREAT", "PROFANITY", clientToken="7")).execute()

    values = {name: one["summaryScore"]["value"] for name, one in answer["attributeScores"].items()}
    assert values["TOXICITY"] >= values["THREAT"] > 0.8 > values["PROFANITY"]
    assert answer["attributeScores"]["THREAT"]["spanScores"][0] | {"score": None} == {
        "begin": 0,
        "end": len(THREAT),
        "score": None,
    }
    assert (answer["languages"], answer["detectedLanguages"], answer["clientToken"]) == (["en"], ["en"], "7")


def test_googles_python_client_reads_our_errors(google: Any, server: Server) -> None:
    with pytest.raises(HttpError) as refused:
        google.comments().analyze(body=ask("Good morning", "TOXICITY", languages=["om"])).execute()
    assert refused.value.resp.status == 400
    assert refused.value.reason == "Attribute TOXICITY does not support request languages: om"
    (detail,) = refused.value.error_details
    assert detail["errorType"] == "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
    assert detail["languageNotSupportedByAttributeError"] == {"attribute": "TOXICITY", "requestedLanguages": ["om"]}

    with built(server, "wrong") as stranger, pytest.raises(HttpError) as refused:
        stranger.comments().analyze(body=ask("Good morning", "TOXICITY")).execute()
    assert (refused.value.resp.status, refused.value.reason) == (
        400,
        "API key not valid. Please pass a valid API key.",
    )


def test_googles_python_client_sends_feedback(google: Any) -> None:
    body = {"comment": {"text": "Well said"}, "attributeScores": {"TOXICITY": {"summaryScore": {"value": 0}}}}

    answer = google.comments().suggestscore(body=body | {"clientToken": "8", "languages": ["en"]}).execute()

    assert answer == {"clientToken": "8", "requestedLanguages": ["en"], "detectedLanguages": ["en"]}


def test_perspectiveapi_js_client(node: Node) -> None:
    answer = node("perspectiveapi-js-client.mjs")

    assert answer["threat"]["TOXICITY"] > 0.8 > 0.1 > answer["threat"]["SPAM"]
    assert set(answer["sorani"]) == {"TOXICITY", "INSULT"}
    assert max(answer["sorani"].values()) < 0.3
    assert "status code 400" in answer["language"]
    assert "status code 400" in answer["key"]


def test_perspective_api_client(node: Node) -> None:
    answer = node("perspective-api-client.mjs")

    assert answer["threat"]["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0.8
    assert answer["attributes"]["attributeScores"]["SPAM"]["summaryScore"]["value"] > 0.3
    assert {name: answer[name]["message"] for name in ("unknown", "german", "nothing", "empty", "long", "key")} == {
        "unknown": "Unknown requested attribute: UNSUBSTANTIAL",
        "german": "Attribute TOXICITY does not support request languages: de",
        "nothing": "Unable to detect language",
        "empty": "Comment must be non-empty.",
        "long": "Comment text too long.",
        "key": "API key not valid. Please pass a valid API key.",
    }
    kinds = {name: answer[name]["details"][0].get("errorType") for name in ("german", "nothing", "empty", "long")}
    assert kinds == {
        "german": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        "nothing": "LANGUAGE_DETECTION_FAILED",
        "empty": "COMMENT_EMPTY",
        "long": "COMMENT_TOO_LONG",
    }
