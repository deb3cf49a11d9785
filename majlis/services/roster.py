"""Who is at the desk: the list, another role, and leaving. How people are added and let in is in `staff`.

A person who leaves keeps their row, because decisions and the log name it; all that let them in is forgotten. Both acts
stand in the log, by id and without a name.
"""

from __future__ import annotations

from typing import Any

from majlis import errors
from majlis.domain.ids import is_id
from majlis.domain.site import Role, Staff
from majlis.domain.text import check_text
from majlis.store import comments, log, people
from majlis.store.database import Connection, Database


async def everybody(database: Database, *, site: str) -> list[Staff]:
    """Return the people of the desk, by name; not those who left."""
    return await database.read(lambda tx: people.all_staff(tx, site=site))


async def named(database: Database, *, site: str, name: str) -> Staff:
    """Return a person of the desk by name. Raises errors.InvalidInput, errors.NotFound."""
    check_text(name, field="name", max_bytes=320, max_characters=80)
    found = await database.read(lambda tx: people.staff_named(tx, site=site, name=name))
    if found is None:
        raise errors.NotFound(
            f"There is nobody called {name!r} at the desk.", hint="`majlis staff list` prints who is there."
        )
    return found[0]


async def change_role(database: Database, *, site: str, id: str, role: Role, by: str, now: int) -> Staff:
    """Give a person another role; their next request has it. The role that they have changes nothing.

    Args:
        by: who does it.

    Raises:
        errors.NotFound: there is nobody with this id. errors.LastAdmin: nobody would be admin any more.
    """

    async def work(tx: Connection) -> Staff:
        person = await here(tx, site=site, id=id)
        if person.role is role:
            return person
        await _keep_an_admin(tx, person)
        await people.set_role(tx, staff=id, role=role)
        _tell(tx, person, kind="staff-role", by=by, now=now, content={"from": person.role.value, "role": role.value})
        return await here(tx, site=site, id=id)

    return await database.write(work)


async def remove(database: Database, *, site: str, id: str, by: str, now: int) -> Staff:
    """Take a person off the desk at once, and return who it was.

    Their sessions, one-time logins and password are gone with the transaction, so that their next request finds no
    session, and what they had claimed is in the queue again. What they decided stays as it is, under their name.

    Args:
        by: who does it; it may be that person.

    Raises:
        errors.NotFound: there is nobody with this id. errors.LastAdmin: nobody would be admin any more.
    """

    async def work(tx: Connection) -> Staff:
        person = await here(tx, site=site, id=id)
        await _keep_an_admin(tx, person)
        await people.remove_staff(tx, staff=id, now=now)
        await comments.release_all(tx, site=site, staff=id)
        _tell(tx, person, kind="staff-removed", by=by, now=now, content={"role": person.role.value})
        return person

    return await database.write(work)


async def here(tx: Connection, *, site: str, id: str) -> Staff:
    """Return a person of the desk by id. Raises errors.NotFound."""
    person = await people.get_staff(tx, id) if is_id(id) else None
    if person is None or person.site != site:
        raise errors.NotFound("There is nobody with this id at the desk.")
    return person


async def _keep_an_admin(tx: Connection, person: Staff) -> None:
    """Refuse to let the only admin go: writes come one after the other, so that two cannot both see another one."""
    admins = [one for one in await people.all_staff(tx, site=person.site) if one.role is Role.ADMIN]
    if admins == [person]:
        raise errors.LastAdmin(
            f"{person.name!r} is the only admin of the desk {person.site!r}.", hint="Make somebody else an admin first."
        )


def _tell(tx: Connection, person: Staff, *, kind: str, by: str, now: int, content: dict[str, Any]) -> None:
    told = {"staff": person.id, **content}
    log.append(tx, site=person.site, at=now, kind=kind, comment=None, actor=by, content=told)
