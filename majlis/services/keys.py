"""API keys: making, checking, listing and revoking them, and how often each may be used. Stored as hashes only."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

from majlis import errors
from majlis.domain.ids import is_id, uuid7
from majlis.domain.text import check_text, is_blank
from majlis.services.limits import Act, check_rates
from majlis.services.newsroom import Newsroom
from majlis.store import keys
from majlis.store.database import Database
from majlis.store.keys import Key

_ID_BYTES, _SECRET_BYTES = 10, 24
RANDOM_BYTES = _ID_BYTES + _SECRET_BYTES


class Scope(StrEnum):
    """What an API key may do: each scope may do what the one before it may.

    `judge` is for judging texts and for saying that a judgement was wrong.
    """

    JUDGE = "judge"
    READ = "read"
    WRITE = "write"


_RANKS: dict[str, int] = {Scope.JUDGE: 0, Scope.READ: 1, Scope.WRITE: 2}


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


async def create_key(
    database: Database, *, site: str, name: str, scope: Scope, now: int, random: bytes, rate: str = ""
) -> str:
    """Make an API key and return it; it cannot be shown again.

    Args:
        random: at least RANDOM_BYTES random bytes.
        rate: how often the key may be used, such as `60/minute;1000/day`; empty for the newsroom's own.

    Raises:
        errors.InvalidInput: a name or a rate that cannot be one.
    """
    check_text(name, field="name", max_bytes=320, max_characters=80)
    if is_blank(name):
        raise errors.InvalidInput("The name is empty.", field="name")
    if rate:
        try:
            check_rates(rate)
        except ValueError:
            raise errors.InvalidInput(
                f"The rate {rate[:80]!r} cannot be used.", hint="Write it like 60/minute;1000/day.", field="rate"
            ) from None
    # Hexadecimal because clients put a key into a host name, which knows no capitals, and some keep only such digits.
    secret = random[_ID_BYTES:RANDOM_BYTES].hex()
    key = Key(id=uuid7(now, random), site=site, name=name, scope=scope.value, created_at=now, rate=rate)
    await database.write(lambda tx: keys.add_key(tx, key, hash=_hash(secret)))
    return secret


async def open_keys(database: Database, *, site: str) -> list[Key]:
    """Return the keys that work, oldest first."""
    return await database.read(lambda tx: keys.open_keys(tx, site=site))


async def revoke_key(database: Database, *, site: str, id: str, now: int) -> None:
    """Revoke an API key; it stops working at once. Raises errors.NotFound."""
    if not is_id(id) or not await database.write(lambda tx: keys.revoke_key(tx, site=site, id=id, now=now)):
        raise errors.NotFound("There is no key with this id that still works.")


async def check_key(newsroom: Newsroom, secret: str, scope: Scope) -> Key:
    """Return the key behind a secret if its scope suffices, and count that it was used.

    Raises:
        errors.ApiKeyInvalid, errors.Forbidden, errors.TooManyRequests.
    """
    key = await newsroom.database.read(lambda tx: keys.key_by_hash(tx, _hash(secret)))
    if key is None or key.site != newsroom.site:
        raise errors.ApiKeyInvalid("This API key is not known.", hint="Send it as Authorization: Bearer KEY.")
    if _RANKS[key.scope] < _RANKS[scope]:
        raise errors.Forbidden(f"This key has the scope {key.scope}; {scope.value} is needed.")
    newsroom.limits.spend(Act.KEY, key.id, key.rate)
    return key


def usage(newsroom: Newsroom, key: Key) -> tuple[int, int]:
    """Return how often a key may be used in the longest of the times that its rate names, and how often it was."""
    return newsroom.limits.usage(Act.KEY, key.id, key.rate)
