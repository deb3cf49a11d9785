"""How telling the newsroom's other systems goes, for admins: what waits, what was given up, and sending it again."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from majlis.domain.site import Role
from majlis.services import undelivered
from majlis.web.desk_visit import Visit, desk_page, see
from majlis.web.http import read_form

PAGE = "/desk/webhooks"


async def get_webhooks(visit: Visit) -> Response:
    """Return the systems and the messages that were given up."""
    return await visit.page("webhooks.html", found=await undelivered.overview(visit.web.newsroom))


async def post_again(visit: Visit) -> Response:
    """Send one message again."""
    await undelivered.send_again(visit.web.newsroom, visit.request.path_params["id"])
    return see(f"{PAGE}?done=again")


async def post_all_again(visit: Visit) -> Response:
    """Send everything again that was given up for one system, and what comes from now on."""
    await undelivered.begin_again(visit.web.newsroom, (await read_form(visit.request)).get("url", ""))
    return see(f"{PAGE}?done=again")


routes: list[Route] = [
    Route(PAGE, desk_page(get_webhooks, Role.ADMIN), methods=["GET"]),
    Route(f"{PAGE}/again", desk_page(post_all_again, Role.ADMIN), methods=["POST"]),
    Route(f"{PAGE}/{{id}}/again", desk_page(post_again, Role.ADMIN), methods=["POST"]),
]
