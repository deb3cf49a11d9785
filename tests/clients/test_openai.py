"""OpenAI's own client for Python, with another base_url and nothing else changed."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from openai.types import ModerationMultiModalInputParam as Part

from tests.served import Server

THREAT = "You idiot, I will kill you."


@pytest.fixture
def client(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.origin}/v1", api_key=server.key, max_retries=0) as made:
        yield made


def test_a_text_a_list_and_a_message(client: openai.OpenAI) -> None:
    one = client.moderations.create(input=THREAT, model="omni-moderation-latest")
    many = client.moderations.create(input=["Thank you for this report", THREAT])
    said: list[Part] = [{"type": "text", "text": "Good."}, {"type": "text", "text": THREAT}]
    parts = client.moderations.create(input=said)

    (result,) = one.results
    assert (result.flagged, result.categories.harassment_threatening, result.categories.self_harm) == (
        True,
        True,
        False,
    )
    assert result.category_scores.harassment_threatening > 0.8
    assert result.category_applied_input_types.harassment == ["text"]
    assert result.category_applied_input_types.self_harm == []
    assert one.model == "omni-moderation-latest"
    assert [found.flagged for found in many.results] == [False, True]
    assert [found.flagged for found in parts.results] == [True]


def test_refusals_are_the_clients_own_errors(client: openai.OpenAI) -> None:
    shown: list[Part] = [{"type": "image_url", "image_url": {"url": "https://news.example/a.png"}}]
    with pytest.raises(openai.BadRequestError, match="Images are not judged here"):
        client.moderations.create(input=shown)
    with pytest.raises(openai.BadRequestError, match="language 'de', which is not judged") as refused:
        client.moderations.create(input="Das ist ein schöner Tag, und wir gehen alle spazieren.")
    assert (refused.value.type, refused.value.param) == ("invalid_request_error", "input")
    with pytest.raises(openai.NotFoundError, match="does not exist"):
        client.moderations.create(input="x", model="gpt-9")
    with pytest.raises(openai.AuthenticationError) as stranger:
        client.with_options(api_key="wrong").moderations.create(input="x")
    assert stranger.value.code == "invalid_api_key"
    with pytest.raises(openai.NotFoundError):
        client.models.list()
