"""API keys: adding, finding and revoking them. A key is only ever stored as a hash, which the services make."""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, insert, select, update

from majlis.store.database import Connection
from majlis.store.query import Query, Row
from majlis.store.tables import keys

_K = keys.c
_ADD = Query(insert(keys))
_BY_HASH = Query(select(keys).where(_K.hash == bindparam("hash"), _K.revoked_at.is_(None)))
_OPEN = Query(select(keys).where(_K.site == bindparam("site"), _K.revoked_at.is_(None)).order_by(_K.created_at, _K.id))
_REVOKE = Query(
    update(keys)
    .where(_K.id == bindparam("old_id"), _K.site == bindparam("old_site"), _K.revoked_at.is_(None))
    .values(revoked_at=bindparam("revoked_at"))
)


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An API key as it is known: never the key itself. An empty `rate` stands for the newsroom's own."""

    id: str
    site: str
    name: str
    scope: str
    created_at: int
    rate: str = ""


def _key(row: Row) -> Key:
    return Key(**{name: row[name] for name in Key.__struct_fields__})


async def add_key(tx: Connection, key: Key, *, hash: str) -> None:
    """Store a key by its hash."""
    await tx.run(_ADD, **msgspec.structs.asdict(key), hash=hash, revoked_at=None)


async def key_by_hash(tx: Connection, hash: str) -> Key | None:
    """Return the key that has this hash, unless it was revoked."""
    row = await tx.one(_BY_HASH, hash=hash)
    return _key(row) if row else None


async def open_keys(tx: Connection, *, site: str) -> list[Key]:
    """Return the keys of a site that were not revoked, oldest first."""
    return [_key(row) for row in await tx.all(_OPEN, site=site)]


async def revoke_key(tx: Connection, *, site: str, id: str, now: int) -> bool:
    """Revoke a key. False where there is no such key, or it was revoked before."""
    return await tx.run(_REVOKE, old_id=id, old_site=site, revoked_at=now) == 1
