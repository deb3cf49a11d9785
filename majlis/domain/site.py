"""A site (one newsroom), its stories and the people of its desk."""

from __future__ import annotations

from enum import StrEnum

import msgspec

LANGUAGES: tuple[str, ...] = ("en", "ar", "ckb", "kmr", "tr", "fa")
"""The languages that Majlis speaks and judges, as BCP 47 tags. Sorani is `ckb`, Kurmanji is `kmr`."""

RIGHT_TO_LEFT = frozenset({"ar", "ckb", "fa", "sdh", "he", "ur"})


def direction(language: str) -> str:
    """Return `rtl` or `ltr` for a language tag."""
    return "rtl" if language.split("-")[0] in RIGHT_TO_LEFT else "ltr"


class Role(StrEnum):
    """What a person of the desk may do: each role may do what the one before it may."""

    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the desk."""

    id: str
    site: str
    name: str
    role: Role
    created_at: int


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of the newsroom under which comments are written.

    `body` is HTML that was cleaned when it was imported. `comments` counts the approved ones; `revision` grows with
    every change that a reader can see. `photo` is an address or a path below `/media/`.
    """

    id: str
    site: str
    url: str
    title: str
    language: str
    published_at: int
    section: str = ""
    dateline: str = ""
    teaser: str = ""
    body: str = ""
    photo: str | None = None
    caption: str = ""
    credit: str = ""
    open: bool = True
    comments: int = 0
    revision: int = 0
