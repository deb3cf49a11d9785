"""The desk's lists: what waits, what was approved, rejected or reported, with filters, search and the next one."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from majlis import errors
from majlis.domain.site import LANGUAGES
from majlis.domain.text import check_text, search_form
from majlis.services import desk, moderate, staff, thread
from majlis.store.queues import Filter, Order, Shelf
from majlis.web.desk_visit import Visit, desk_page, see
from majlis.web.http import read_form

STORIES = 100
"""The most stories that the filter offers."""

_SEARCH = 200


class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A list as its address names it. `q` is the search as it was typed."""

    shelf: Shelf = Shelf.WAITING
    order: Order = Order.OLDEST
    story: str = ""
    language: str = ""
    clause: str = ""
    q: str = ""

    @property
    def listing(self) -> desk.Listing:
        """The list that this address names."""
        narrowed = Filter(story=self.story, language=self.language, clause=self.clause, search=search_form(self.q))
        return desk.Listing(shelf=self.shelf, order=self.order, filter=narrowed)

    @property
    def narrowed(self) -> bool:
        """Whether the list is narrowed to something."""
        return bool(self.story or self.language or self.clause or self.q)

    def query(self, **changes: str) -> str:
        """Return the address's query, with a question mark; empty for the plain queue."""
        fields = {name: value for name, value in (msgspec.to_builtins(self) | changes).items() if value}
        return f"?{urlencode(fields)}" if fields else ""

    def fields(self, *without: str) -> list[tuple[str, str]]:
        """Return the names and values that a form has to carry to stay in this list."""
        return [(name, value) for name, value in msgspec.to_builtins(self).items() if name not in without]


def read_view(values: Mapping[str, str]) -> View:
    """Return the list that a query or a form names. Raises errors.InvalidInput."""
    known = {name: values[name] for name in View.__struct_fields__ if values.get(name)}
    for name, value in known.items():
        check_text(value, field=name, max_bytes=4 * _SEARCH, max_characters=_SEARCH)
    try:
        return msgspec.convert(known, View)
    except msgspec.ValidationError as error:
        raise errors.InvalidInput("There is no such list.", hint="Go back to the queue.") from error


async def get_list(visit: Visit) -> Response:
    """Return a page of a list."""
    view = read_view(visit.request.query_params)
    newsroom = visit.web.newsroom
    page = await desk.list_page(newsroom, view.listing, after=visit.request.query_params.get("after"))
    return await visit.page(
        "list.html",
        view=view,
        page=page,
        first="after" not in visit.request.query_params,
        stories=await thread.latest(newsroom, language=None, limit=STORIES),
        languages=LANGUAGES,
        has_password=await staff.has_password(newsroom, visit.staff),
    )


async def post_next(visit: Visit) -> Response:
    """Lead to the next comment of a list, or to the one before; claim it where it waits."""
    fields = await read_form(visit.request)
    back = fields.get("to") == "previous"
    return await lead_on(visit, read_view(fields), at=fields.get("at"), back=back)


async def lead_on(visit: Visit, view: View, *, at: str | None, back: bool = False, done: str = "") -> Response:
    """Lead to the neighbour of a comment in a list, or back to the list where there is none."""
    found = await desk.step(visit.web.newsroom, visit.staff, view.listing, at=at, back=back)
    path = f"/desk/comments/{found}" if found else "/desk"
    return see(path + view.query(done=done))


async def post_claim(visit: Visit) -> Response:
    """Open a comment of the queue: take it for some minutes, or see who has it."""
    id: str = visit.request.path_params["id"]
    view = read_view(await read_form(visit.request))
    try:
        await moderate.claim(visit.web.newsroom, visit.staff, id)
    except errors.Claimed:
        return see(f"/desk/comments/{id}{view.query(done='claimed')}")
    return see(f"/desk/comments/{id}{view.query()}")


async def post_release(visit: Visit) -> Response:
    """Give a claimed comment back and return to the list."""
    view = read_view(await read_form(visit.request))
    await moderate.release(visit.web.newsroom, visit.staff, visit.request.path_params["id"])
    return see(f"/desk{view.query()}")


routes: list[Route] = [
    Route("/desk", desk_page(get_list), methods=["GET"]),
    Route("/desk/next", desk_page(post_next), methods=["POST"]),
    Route("/desk/comments/{id}/claim", desk_page(post_claim), methods=["POST"]),
    Route("/desk/comments/{id}/release", desk_page(post_release), methods=["POST"]),
]
