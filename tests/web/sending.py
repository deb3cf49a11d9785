"""A comment as a program sends it to the reader API."""

from __future__ import annotations

from typing import Any

from majlis.domain.site import Story

API = "/api/v1"


def sent(story: Story, /, **changes: Any) -> dict[str, Any]:
    """Return its fields, some of them changed."""
    usual = {
        "story": {"url": story.url},
        "author": {"name": "charlie", "email": None},
        "body": "When does it open?",
    }
    return {**usual, **changes}
