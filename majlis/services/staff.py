"""The people of the desk: adding them, letting them in, and their passwords. Every secret is stored as a hash only."""

from __future__ import annotations

import asyncio
import base64
from functools import cache
from hashlib import sha256

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from majlis import errors
from majlis.domain.ids import uuid7
from majlis.domain.site import Role, Staff
from majlis.domain.text import check_text, is_blank
from majlis.services import roster
from majlis.services.limits import Act
from majlis.services.newsroom import Newsroom
from majlis.store import log, people
from majlis.store.database import Connection, Database

LOGIN_MS = 24 * 3600 * 1000
SESSION_MS = 12 * 3600 * 1000
PASSWORD_CHARACTERS = (10, 200)
OPERATOR = "operator"
"""Whom the log names for what was done on the command line: whoever may run commands there needs no account."""

_hasher = PasswordHasher()


def _token(random: bytes) -> str:
    return base64.urlsafe_b64encode(random).decode().rstrip("=")


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


async def add_staff(
    database: Database, *, site: str, name: str, role: Role, now: int, random: bytes, by: str = OPERATOR
) -> Staff:
    """Add a person of the desk, or take one back who was removed.

    A name that was removed is restored, not given to a second account: so a name in the history is one account, and
    whoever rejected a comment before leaving still cannot decide the objection to it. Nothing that let them in comes
    back with it. A newcomer of the same name needs another one, as beside any colleague.

    Args:
        random: at least 10 random bytes, for the id.
        by: who adds them.

    Returns:
        The person; one who was restored was created before now.

    Raises:
        errors.InvalidInput: a name that cannot be one. errors.StaffExists: the name is taken.
    """
    check_text(name, field="name", max_bytes=320, max_characters=80)
    if is_blank(name):
        raise errors.InvalidInput("The name is empty.", field="name")
    person = Staff(id=uuid7(now, random), site=site, name=name, role=role, created_at=now)
    return await database.write(lambda tx: _add(tx, person, by=by, now=now))


async def _add(tx: Connection, person: Staff, *, by: str, now: int) -> Staff:
    if await people.add_staff(tx, person):
        return person
    restored = await people.restore_staff(tx, site=person.site, name=person.name, role=person.role)
    if restored is None:
        raise errors.StaffExists(f"There is somebody called {person.name!r} already.", hint="Choose another name.")
    content = {"staff": restored.id, "role": restored.role.value}
    log.append(tx, site=person.site, at=now, kind="staff-restored", comment=None, actor=by, content=content)
    return restored


async def one_time_login(database: Database, *, staff: Staff, now: int, random: bytes) -> str:
    """Return a token that lets this person in once within a day.

    Args:
        random: 32 random bytes.

    Raises:
        errors.NotFound: the person was removed.
    """
    token = _token(random)

    async def work(tx: Connection) -> None:
        if await people.get_staff(tx, staff.id) is None:
            raise errors.NotFound(f"{staff.name!r} is not at the desk any more.", hint="Add the name again.")
        await people.add_login(tx, token=_hash(token), staff=staff.id, expires_at=now + LOGIN_MS, now=now)

    await database.write(work)
    return token


async def log_in_once(newsroom: Newsroom, *, token: str, address: str) -> tuple[Staff, str]:
    """Spend a one-time login. Return the person and a session token. Raises errors.LoginFailed, TooManyRequests."""
    newsroom.limits.spend(Act.LOGIN, address)
    now = newsroom.now()
    staff = await newsroom.database.write(lambda tx: people.use_login(tx, token=_hash(token), now=now))
    if staff is None or staff.site != newsroom.site:
        raise errors.LoginFailed("This one-time login was used or ran out.", hint="Ask for a new one.")
    return staff, await _open_session(newsroom, staff)


async def log_in(newsroom: Newsroom, *, name: str, password: str, address: str) -> tuple[Staff, str]:
    """Check a password. Return the person and a session token. Raises errors.LoginFailed, TooManyRequests."""
    newsroom.limits.spend(Act.LOGIN, address)
    newsroom.limits.spend(Act.LOGIN, f"name {name.casefold()[:80]}")
    try:
        check_text(name, field="name", max_bytes=320, max_characters=80)
    except errors.InvalidInput:
        raise errors.LoginFailed("The name and the password do not fit.", hint="Try again, or ask an admin.") from None
    found = await newsroom.database.read(lambda tx: people.staff_named(tx, site=newsroom.site, name=name))
    staff, stored = found if found else (None, None)
    right = await asyncio.to_thread(_verify, stored, password)
    if staff is None or not right:
        raise errors.LoginFailed("The name and the password do not fit.", hint="Try again, or ask an admin.")
    return staff, await _open_session(newsroom, staff)


def _verify(stored: str | None, password: str) -> bool:
    """Compare in the same time whether or not there is such a person."""
    try:
        return _hasher.verify(stored or _nobody(), password) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash("a password that nobody has")


async def has_password(newsroom: Newsroom, staff: Staff) -> bool:
    """Return whether a person has set a password."""
    found = await newsroom.database.read(lambda tx: people.staff_named(tx, site=newsroom.site, name=staff.name))
    return found is not None and found[1] is not None


async def change_password(newsroom: Newsroom, staff: Staff, *, current: str, password: str) -> None:
    """Set one's first password, or another one in exchange for the current one.

    Raises:
        errors.LoginFailed: the current password is not right. errors.TooManyRequests: too many tries.
        errors.InvalidInput: as set_password.
    """
    found = await newsroom.database.read(lambda tx: people.staff_named(tx, site=newsroom.site, name=staff.name))
    stored = found[1] if found else None
    if stored is not None:
        newsroom.limits.spend(Act.LOGIN, f"name {staff.name.casefold()[:80]}")
        if not await asyncio.to_thread(_verify, stored, current):
            raise errors.LoginFailed("The current password is not right.", field="current")
    await set_password(newsroom, staff, password)


async def set_password(newsroom: Newsroom, staff: Staff, password: str) -> None:
    """Give oneself a password. Raises errors.InvalidInput where it is too short or too long."""
    least, most = PASSWORD_CHARACTERS
    if not least <= len(password) <= most:
        raise errors.InvalidInput(
            f"The password has {len(password)} characters; between {least} and {most} are needed.", field="password"
        )
    check_text(password, field="password", max_bytes=4 * most, max_characters=most)
    hashed = await asyncio.to_thread(_hasher.hash, password)
    await newsroom.database.write(lambda tx: people.set_password(tx, staff=staff.id, password=hashed))


async def _open_session(newsroom: Newsroom, staff: Staff) -> str:
    """Every way in ends here, and is refused to whoever was removed while their password was checked."""
    token = _token(newsroom.random(32))
    now = newsroom.now()

    async def work(tx: Connection) -> None:
        if await people.get_staff(tx, staff.id) is None:
            raise errors.LoginFailed("This person is not at the desk any more.", hint="Ask an admin.")
        await people.add_session(tx, token=_hash(token), staff=staff.id, expires_at=now + SESSION_MS, now=now)

    await newsroom.database.write(work)
    return token


async def who(newsroom: Newsroom, token: str) -> Staff:
    """Return whose session a token is. Raises errors.LoginRequired."""
    staff = await newsroom.database.read(lambda tx: people.session_staff(tx, token=_hash(token), now=newsroom.now()))
    if staff is None or staff.site != newsroom.site:
        raise errors.LoginRequired("There is no open session.", hint="Log in again.")
    return staff


async def log_out(newsroom: Newsroom, token: str) -> None:
    """End a session."""
    await newsroom.database.write(lambda tx: people.end_session(tx, token=_hash(token)))


async def invite(newsroom: Newsroom, id: str) -> tuple[Staff, str]:
    """Return a person and a fresh one-time login for them. Raises errors.NotFound."""
    person = await newsroom.database.read(lambda tx: roster.here(tx, site=newsroom.site, id=id))
    token = await one_time_login(newsroom.database, staff=person, now=newsroom.now(), random=newsroom.random(32))
    return person, token
