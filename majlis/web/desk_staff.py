"""The desk's people and API keys, for admins. A one-time login and a key are shown once, on the page that made them."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from majlis import errors
from majlis.domain.site import Role
from majlis.services import keys, roster, staff
from majlis.web.desk_visit import Visit, desk_page, see
from majlis.web.http import read_form


async def get_staff(visit: Visit) -> Response:
    """Return the people of the desk and the keys."""
    return await _page(visit)


async def _page(
    visit: Visit,
    status: int = 200,
    *,
    secret: str = "",
    secret_of: str = "",
    restored: bool = False,
    error: errors.MajlisError | None = None,
    place: str = "",
    name: str = "",
    rate: str = "",
) -> Response:
    newsroom = visit.web.newsroom
    return await visit.page(
        "staff.html",
        error.status if error else status,
        everybody=await roster.everybody(newsroom.database, site=newsroom.site),
        keys=await keys.open_keys(newsroom.database, site=newsroom.site),
        roles=list(Role),
        scopes=list(keys.Scope),
        secret=secret,
        secret_of=secret_of,
        restored=restored,
        error=error,
        place=place,
        name=name,
        rate=rate,
    )


async def post_staff(visit: Visit) -> Response:
    """Add a person, or one who left again, and show their one-time login."""
    newsroom = visit.web.newsroom
    fields = await read_form(visit.request)
    name, role, now = fields.get("name", "").strip(), _role(fields), newsroom.now()
    try:
        person = await staff.add_staff(
            newsroom.database,
            site=newsroom.site,
            name=name,
            role=role,
            now=now,
            random=newsroom.random(10),
            by=visit.staff.id,
        )
    except (errors.InvalidInput, errors.StaffExists) as error:
        return await _page(visit, error=error, place="staff", name=name)
    return await _invited(visit, person.id, restored=person.created_at < now)


def _role(fields: dict[str, str]) -> Role:
    try:
        return Role(fields.get("role", ""))
    except ValueError:
        raise errors.InvalidInput("There is no such role.", field="role") from None


async def post_login(visit: Visit) -> Response:
    """Show a fresh one-time login for a person who is there already."""
    return await _invited(visit, visit.request.path_params["id"])


async def _invited(visit: Visit, id: str, *, restored: bool = False) -> Response:
    person, token = await staff.invite(visit.web.newsroom, id)
    link = f"{visit.web.public_origin}/desk/login?token={token}"
    return await _page(visit, 201, secret=link, secret_of=person.name, restored=restored, place="staff")


async def post_role(visit: Visit) -> Response:
    """Give a person another role."""
    newsroom, id = visit.web.newsroom, visit.request.path_params["id"]
    role = _role(await read_form(visit.request))
    try:
        await roster.change_role(
            newsroom.database, site=newsroom.site, id=id, role=role, by=visit.staff.id, now=newsroom.now()
        )
    except errors.LastAdmin as error:
        return await _page(visit, error=error, place="people")
    return _done(visit, id, "role")


async def post_removal(visit: Visit) -> Response:
    """Take a person off the desk."""
    newsroom, id = visit.web.newsroom, visit.request.path_params["id"]
    try:
        await roster.remove(newsroom.database, site=newsroom.site, id=id, by=visit.staff.id, now=newsroom.now())
    except errors.LastAdmin as error:
        return await _page(visit, error=error, place="people")
    return _done(visit, id, "removed")


def _done(visit: Visit, id: str, done: str) -> Response:
    """Lead back to the list; whoever changed themselves may not see it any more."""
    return see(f"/desk?done={done}" if id == visit.staff.id else f"/desk/staff?done={done}")


async def post_key(visit: Visit) -> Response:
    """Make an API key and show it."""
    newsroom = visit.web.newsroom
    fields = await read_form(visit.request)
    name, rate = fields.get("name", "").strip(), fields.get("rate", "").strip()
    try:
        scope = keys.Scope(fields.get("scope", ""))
    except ValueError:
        raise errors.InvalidInput("There is no such scope.", field="scope") from None
    try:
        key = await keys.create_key(
            newsroom.database,
            site=newsroom.site,
            name=name,
            scope=scope,
            now=newsroom.now(),
            random=newsroom.random(keys.RANDOM_BYTES),
            rate=rate,
        )
    except errors.InvalidInput as error:
        return await _page(visit, error=error, place="keys", name=name, rate=rate)
    return await _page(visit, 201, secret=key, secret_of=name, place="keys")


async def post_revocation(visit: Visit) -> Response:
    """Revoke an API key."""
    newsroom = visit.web.newsroom
    id = visit.request.path_params["id"]
    await keys.revoke_key(newsroom.database, site=newsroom.site, id=id, now=newsroom.now())
    return see("/desk/staff?done=revoked")


routes: list[Route] = [
    Route("/desk/staff", desk_page(get_staff, Role.ADMIN), methods=["GET"]),
    Route("/desk/staff", desk_page(post_staff, Role.ADMIN), methods=["POST"]),
    Route("/desk/staff/{id}/login", desk_page(post_login, Role.ADMIN), methods=["POST"]),
    Route("/desk/staff/{id}/role", desk_page(post_role, Role.ADMIN), methods=["POST"]),
    Route("/desk/staff/{id}/removal", desk_page(post_removal, Role.ADMIN), methods=["POST"]),
    Route("/desk/keys", desk_page(post_key, Role.ADMIN), methods=["POST"]),
    Route("/desk/keys/{id}/revocation", desk_page(post_revocation, Role.ADMIN), methods=["POST"]),
]
