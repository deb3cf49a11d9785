"""The people of the desk, their logins and sessions, and proofs that were used.

Secrets are only ever stored as hashes, which the services make. Whoever was removed is found by no question here but
that for names, so that no way of signing in can forget to ask.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from majlis.domain.site import Role, Staff
from majlis.store.database import Connection
from majlis.store.query import Query, Row, insert_new
from majlis.store.tables import logins, proofs, sessions, staff

_F = staff.c
_HERE = _F.removed_at.is_(None)
_ADD_STAFF = insert_new(staff, "site", "name")
_STAFF = Query(select(staff).where(_F.id == bindparam("id"), _HERE))
_STAFF_NAMED = Query(select(staff).where(_F.site == bindparam("site"), _F.name == bindparam("name"), _HERE))
_ALL_STAFF = Query(select(staff).where(_F.site == bindparam("site"), _HERE).order_by(_F.name))
_NAMES = Query(select(_F.id, _F.name).where(_F.site == bindparam("site")))
_SET_PASSWORD = Query(update(staff).where(_F.id == bindparam("old_id"), _HERE).values(password=bindparam("password")))
_SET_ROLE = Query(update(staff).where(_F.id == bindparam("old_id"), _HERE).values(role=bindparam("role")))
_REMOVE = Query(
    update(staff).where(_F.id == bindparam("old_id"), _HERE).values(removed_at=bindparam("removed_at"), password=None)
)
_RESTORE = Query(
    update(staff)
    .where(_F.site == bindparam("old_site"), _F.name == bindparam("old_name"), _F.removed_at.is_not(None))
    .values(removed_at=None, password=None, role=bindparam("role"))
)
_ADD_LOGIN = Query(insert(logins))
_LOGIN = Query(select(logins).where(logins.c.token == bindparam("token")))
_USE_LOGIN = Query(delete(logins).where(logins.c.token == bindparam("token")))
_LOGINS_OF = Query(delete(logins).where(logins.c.staff == bindparam("staff")))
_OLD_LOGINS = Query(delete(logins).where(logins.c.expires_at < bindparam("now")))
_ADD_SESSION = Query(insert(sessions))
_SESSION = Query(
    select(staff, sessions.c.expires_at)
    .join(sessions, sessions.c.staff == _F.id)
    .where(sessions.c.token == bindparam("token"), sessions.c.expires_at > bindparam("now"), _HERE)
)
_END_SESSION = Query(delete(sessions).where(sessions.c.token == bindparam("token")))
_SESSIONS_OF = Query(delete(sessions).where(sessions.c.staff == bindparam("staff")))
_OLD_SESSIONS = Query(delete(sessions).where(sessions.c.expires_at < bindparam("now")))
_USE_PROOF = insert_new(proofs, "proof")
_OLD_PROOFS = Query(delete(proofs).where(proofs.c.expires_at < bindparam("now")))


def _staff(row: Row) -> Staff:
    return Staff(id=row["id"], site=row["site"], name=row["name"], role=Role(row["role"]), created_at=row["created_at"])


async def add_staff(tx: Connection, person: Staff) -> bool:
    """Add a person without a password. False where the name is taken, be it by somebody who was removed."""
    values = msgspec.structs.asdict(person) | {"role": person.role.value, "password": None, "removed_at": None}
    return await tx.run(_ADD_STAFF, **values) == 1


async def restore_staff(tx: Connection, *, site: str, name: str, role: Role) -> Staff | None:
    """Take a person back who was removed, without a password. None where nobody of this name was."""
    if await tx.run(_RESTORE, old_site=site, old_name=name, role=role.value) == 0:
        return None
    found = await staff_named(tx, site=site, name=name)
    return found[0] if found else None


async def remove_staff(tx: Connection, *, staff: str, now: int) -> None:
    """Mark a person as gone, and forget all that could let them in: password, one-time logins and sessions."""
    await tx.run(_REMOVE, old_id=staff, removed_at=now)
    await tx.run(_LOGINS_OF, staff=staff)
    await tx.run(_SESSIONS_OF, staff=staff)


async def set_role(tx: Connection, *, staff: str, role: Role) -> None:
    """Give a person another role."""
    await tx.run(_SET_ROLE, old_id=staff, role=role.value)


async def get_staff(tx: Connection, id: str) -> Staff | None:
    """Return a person by id."""
    row = await tx.one(_STAFF, id=id)
    return _staff(row) if row else None


async def staff_named(tx: Connection, *, site: str, name: str) -> tuple[Staff, str | None] | None:
    """Return a person by name, with the hash of their password if they have set one."""
    row = await tx.one(_STAFF_NAMED, site=site, name=name)
    return (_staff(row), row["password"]) if row else None


async def all_staff(tx: Connection, *, site: str) -> list[Staff]:
    """Return everybody of a site's desk, by name."""
    return [_staff(row) for row in await tx.all(_ALL_STAFF, site=site)]


async def names(tx: Connection, *, site: str) -> dict[str, str]:
    """Return what everybody is called who is or was at a site's desk, by id."""
    return {row["id"]: row["name"] for row in await tx.all(_NAMES, site=site)}


async def set_password(tx: Connection, *, staff: str, password: str) -> None:
    """Store the hash of a new password."""
    await tx.run(_SET_PASSWORD, old_id=staff, password=password)


async def add_login(tx: Connection, *, token: str, staff: str, expires_at: int, now: int) -> None:
    """Store a one-time login by its hash, and forget those that ran out."""
    await tx.run(_OLD_LOGINS, now=now)
    await tx.run(_ADD_LOGIN, token=token, staff=staff, expires_at=expires_at)


async def use_login(tx: Connection, *, token: str, now: int) -> Staff | None:
    """Spend a one-time login. None where it is unknown, used or too old."""
    row = await tx.one(_LOGIN, token=token)
    if row is None or await tx.run(_USE_LOGIN, token=token) == 0 or row["expires_at"] < now:
        return None
    return await get_staff(tx, row["staff"])


async def add_session(tx: Connection, *, token: str, staff: str, expires_at: int, now: int) -> None:
    """Store a session by its hash, and forget those that ran out."""
    await tx.run(_OLD_SESSIONS, now=now)
    await tx.run(_ADD_SESSION, token=token, staff=staff, expires_at=expires_at)


async def session_staff(tx: Connection, *, token: str, now: int) -> Staff | None:
    """Return whose session this is, unless it ran out."""
    row = await tx.one(_SESSION, token=token, now=now)
    return _staff(row) if row else None


async def end_session(tx: Connection, *, token: str) -> None:
    """Forget a session."""
    await tx.run(_END_SESSION, token=token)


async def use_proof(tx: Connection, *, proof: str, expires_at: int, now: int) -> bool:
    """Spend a proof of work or a form token. False where it was spent before."""
    await tx.run(_OLD_PROOFS, now=now)
    return await tx.run(_USE_PROOF, proof=proof, expires_at=expires_at) == 1
