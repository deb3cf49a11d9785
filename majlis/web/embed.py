"""The thread in other people's pages: the script's stable address, its part of HTML, the frame, the theme."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from majlis import errors
from majlis.services.stories import look_up
from majlis.web.context import web_of
from majlis.web.show import PART, blank_form, foreign_view, respond
from majlis.web.thread_view import Kind

SHORT = "public, max-age=600, stale-while-revalidate=86400"


async def script(request: Request) -> Response:
    """Return the script that pages embed. Its address never changes, so it is kept only shortly."""
    answer = web_of(request).files.respond(request, "embed.js", cache=SHORT)
    answer.headers["access-control-allow-origin"] = "*"
    answer.headers["cross-origin-resource-policy"] = "cross-origin"
    return answer


async def frame(request: Request) -> Response:
    """Return the thread as a page for an iframe, or the part that a script in a foreign page asks for."""
    return await _thread(request, Kind.EMBED if request.query_params.get("view") == Kind.EMBED else Kind.FRAME)


async def part(request: Request) -> Response:
    """Return the thread as a part for the script."""
    request.scope["headers"] = [*request.scope["headers"], (PART.encode(), b"thread")]
    return await _thread(request, Kind.EMBED)


async def _thread(request: Request, kind: Kind) -> Response:
    web = web_of(request)
    query = request.query_params
    if not query.get("story"):
        raise errors.InvalidInput("The parameter story is missing.", field="story")
    story = await look_up(web.newsroom, query["story"])
    lang, title, theme = (query.get(name, "") for name in ("lang", "title", "theme"))
    view = foreign_view(web, story, kind, lang=lang, title=title, theme=theme)
    form = await blank_form(web, view, query.get("reply"))
    return await respond(request, view, form, sent=query.get("sent", ""))


async def theme(request: Request) -> Response:
    """Return the newsroom's own variables.

    They get a name of their own, so that what a page sets for its embed (`--majlis-accent`) is stronger than they are.
    """
    css = web_of(request).theme.replace(":root", ":root, :host").replace("--majlis-", "--majlis-theme-")
    return Response(css, media_type="text/css", headers={"cache-control": "public, max-age=600"})


routes: list[Route] = [
    Route("/embed.js", script),
    Route("/embed", frame),
    Route("/embed/thread", part),
    Route("/theme.css", theme),
]
