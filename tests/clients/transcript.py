"""One request and its answer as they are kept: without what differs from one run or one training to the next."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.served import Exchange, Server

COUNTED = {"usage", "percentage"}


def told(exchange: Exchange, server: Server) -> dict[str, Any]:
    """Return an exchange with scores, ids, keys and ports blanked out, and schemas by their names only."""
    kind = exchange.headers.get("content-type", "")
    return {
        "request": {
            "line": f"{exchange.method} {_plain(exchange.path, server)}",
            "host": _plain(exchange.headers["host"], server),
            "type": kind,
            "body": _body(exchange.sent, kind, server),
        },
        "answer": {
            "status": exchange.status,
            "type": exchange.media,
            "body": _body(exchange.answered, exchange.media, server),
        },
    }


def _body(body: bytes, kind: str, server: Server) -> Any:
    text = _plain(body.decode(), server)
    return _blank(json.loads(text)) if text and "json" in kind else text


def _plain(text: str, server: Server) -> str:
    text = text.replace(server.key, "KEY").replace(f":{server.port}", ":PORT")
    return re.sub(r"modr-[0-9a-f-]+", "modr-ID", re.sub(r"(word ){100,}", "word … ", text))


def _blank(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return sorted(value) if name == "schemas" else {key: _blank(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_blank(one) for one in value]
    return "#" if isinstance(value, float) or name in COUNTED else value
