"""A newsroom as it runs: what every act needs to know of the site, its rules, its clock and its parts.

It holds no state that changes; app makes one at start and hands it to every act.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from hmac import digest as hmac
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

from majlis.domain.guidelines import Guidelines
from majlis.domain.ids import uuid7
from majlis.judge.policy import Policy
from majlis.services.limits import Limits
from majlis.signals.remote import Remote
from majlis.store.database import Database

if TYPE_CHECKING:
    from majlis.signals.gather import Signals


def keyed_hash(secret: bytes, purpose: str, value: str) -> str:
    """Return a hash that only who has the secret can make."""
    return hmac(secret, f"{purpose}\0{value}".encode(), "sha256").hex()[:32]


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """How much may be sent. Bytes count the UTF-8 form."""

    body_characters: int = 5_000
    body_bytes: int = 20_480
    name_characters: int = 80
    note_characters: int = 2_000


@dataclass(frozen=True, kw_only=True)
class Hook:
    """An address of the newsroom's own systems that is told what happens to comments (an endpoint of a webhook).

    Attributes:
        secrets: each signs every message (`whsec_…`); more than one while the newsroom changes them.
        networks: networks in which the address may lie although they are not public.
    """

    url: str
    secrets: tuple[str, ...]
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Newsroom:
    """One site, open for comments.

    Attributes:
        site: the site's id.
        name: what readers call the newsroom.
        language: the language of the site where nothing else is said.
        origins: origins such as `https://news.example` under which stories are taken on their first comment.
        email_required: whether a reader has to give an e-mail address.
        judging: whether this process judges; otherwise what it takes stays pending for whoever does.
        guidelines: by language; always holds `language`.
        signals: what the judge looks at. Where it is not needed it is not read, and takes no memory.
        secret: signs receipts, tokens and keyed hashes.
        now: the clock, in ms since 1970 UTC.
        random: makes so many random bytes.
        remote: a language model that is asked about comments in doubt, from the score `remote_from` on; or none.
        hooks: who is told what happens to comments.
        announce: told the id of a story whenever what readers see of it has changed.
    """

    site: str
    name: str
    language: str
    public_url: str
    origins: tuple[str, ...]
    email_required: bool
    guidelines: Mapping[str, Guidelines]
    policy: Policy
    policy_source: str
    signals: Callable[[], Signals]
    database: Database
    limits: Limits
    pool: Executor
    secret: bytes
    now: Callable[[], int]
    random: Callable[[int], bytes]
    announce: Callable[[str], None]
    bounds: Bounds = field(default_factory=Bounds)
    judging: bool = True
    remote: Remote | None = None
    remote_from: float = 0.0
    hooks: tuple[Hook, ...] = ()

    def new_id(self) -> str:
        """Return a fresh id."""
        return uuid7(self.now(), self.random(10))

    def keyed_hash(self, purpose: str, value: str) -> str:
        """Return a hash that only this newsroom can make: for addresses and authors that must not be stored."""
        return keyed_hash(self.secret, purpose, value)

    def guidelines_for(self, language: str) -> Guidelines:
        """Return the guidelines that a reader of this language is shown, and is judged by."""
        return self.guidelines.get(language) or self.guidelines[self.language]
