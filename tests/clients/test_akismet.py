"""Akismet's clients: one for Python, which puts the key into the form, and two for Node, one of which into the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import akismet
import httpx
import pytest

from tests.served import Server

Node = Callable[[str], Any]
SPAM = "Buy cheap watches now, 50% discount: http://watches.example/shop"


class Elsewhere(httpx.HTTPTransport):
    """Sends everything to our server, as the client's address is constant."""

    def __init__(self, origin: str) -> None:
        super().__init__()
        self._origin = httpx.URL(origin)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the same path at our server."""
        request.url = request.url.copy_with(scheme="http", host=self._origin.host, port=self._origin.port)
        return super().handle_request(request)


def opened(server: Server, key: str) -> akismet.SyncClient:
    """Return the client with another transport."""
    config = akismet.Config(key=key, url="https://news.example")
    return akismet.SyncClient(config=config, http_client=httpx.Client(transport=Elsewhere(server.origin)))


@pytest.fixture
def client(server: Server) -> Iterator[akismet.SyncClient]:
    with opened(server, server.key) as made:
        yield made


def test_pythons_client_checks_and_submits(client: akismet.SyncClient) -> None:
    asked: dict[str, Any] = {
        "comment_author": "alice",
        "comment_type": "comment",
        "permalink": "https://news.example/river-bridge",
    }

    assert client.verify_key()
    ham = client.comment_check(user_ip="192.0.2.9", comment_content="When does the bridge open?", **asked)
    assert ham == akismet.CheckResponse.HAM
    assert client.comment_check(user_ip="192.0.2.9", comment_content=SPAM, **asked) == akismet.CheckResponse.SPAM
    assert client.submit_spam(user_ip="192.0.2.9", comment_content=SPAM, **asked)
    assert client.submit_ham(user_ip="192.0.2.9", comment_content="Well said", **asked)


def test_pythons_client_reads_its_limit(client: akismet.SyncClient) -> None:
    first, second = client.usage_limit(), client.usage_limit()

    assert (first["limit"], first["throttled"]) == (6000, False)
    assert second["usage"] > first["usage"] > 0


def test_pythons_client_knows_a_wrong_key(server: Server, client: akismet.SyncClient) -> None:
    assert not client.verify_key(key="wrong", url="https://news.example")
    with pytest.raises(akismet.APIKeyError), opened(server, "wrong"):
        pass


def test_akismet_api(node: Node) -> None:
    assert node("akismet-api.mjs") == {
        "verified": True,
        "stranger": False,
        "ham": False,
        "spam": True,
        "test": True,
        "trap": True,
        "wrong": "Invalid API key",
        "nothing": "Missing required field: comment_content.",
        "submitted": ["Thanks for making the web a better place."] * 2,
    }


def test_cedx_akismet(node: Node) -> None:
    assert node("cedx-akismet.mjs") == {
        "verified": True,
        "stranger": False,
        "ham": True,
        "spam": True,
        "administrator": True,
        "wrong": "This API key is not known.",
        "submitted": [None, None],
    }
