"""The newsroom's own pages: the front page, a story with its comments, the guidelines, one comment's address."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from majlis import errors
from majlis.domain.ids import is_id
from majlis.services.thread import latest, published_comment, read_sort, story_with_id, thread_page
from majlis.web import post
from majlis.web.context import web_of
from majlis.web.http import html
from majlis.web.show import (
    FRESH,
    PAGE,
    SENT_COOKIE,
    SIZE_COOKIE,
    SIZES,
    TOOLS,
    blank_form,
    language_of,
    page_view,
    respond,
    size_of,
)

FRONT = 40
YEAR = 365 * 24 * 3600


async def front(request: Request) -> Response:
    """Return The Latest, in one language where it is asked for."""
    web = web_of(request)
    if "size" in request.query_params:
        return _resized(request)
    asked = web.words.known(request.query_params.get("lang"))
    language = asked or web.newsroom.language
    values = TOOLS | {
        "web": web,
        "stories": await latest(web.newsroom, language=asked, limit=FRONT),
        "asked": asked,
        "size": size_of(request),
    }
    return html(web.words.render(language, "front.html", **values), headers={"cache-control": "no-cache"})


async def story(request: Request) -> Response:
    """Return a story with its comments."""
    web = web_of(request)
    if "size" in request.query_params:
        return _resized(request)
    found = await story_with_id(web.newsroom, request.path_params["id"])
    view = page_view(web, found)
    form = await blank_form(web, view, request.query_params.get("reply"))
    return await respond(request, view, form, sent=request.cookies.get(SENT_COOKIE, ""))


def _resized(request: Request) -> Response:
    """Keep the text size for the next visit, and go back to the page that it was chosen on."""
    size = request.query_params["size"]
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "size"]
    answer = RedirectResponse(request.url.path + (f"?{urlencode(rest)}" if rest else ""), 303, FRESH)
    if size in SIZES:
        secure = web_of(request).public_origin.startswith("https:")
        answer.set_cookie(SIZE_COOKIE, size, max_age=YEAR, secure=secure, httponly=True, samesite="lax")
    return answer


async def comment(request: Request) -> Response:
    """Lead to the page that shows a comment."""
    web = web_of(request)
    id: str = request.path_params["id"]
    if not is_id(id):
        raise errors.CommentNotFound("There is no published comment with this id.")
    found = await published_comment(web.newsroom, id)
    first = await thread_page(web.newsroom, story=found.story, sort=read_sort("newest"), limit=PAGE, after=None)
    query = "" if any(one.id == id for one in first.comments) else f"?at={id}"
    return RedirectResponse(f"/stories/{found.story}{query}#c-{id}", 303, FRESH)


async def guidelines(request: Request) -> Response:
    """Return the written guidelines in a language."""
    web = web_of(request)
    language = language_of(request, web.newsroom.language)
    values = TOOLS | {
        "web": web,
        "guidelines": web.newsroom.guidelines_for(language),
        "languages": web.newsroom.guidelines,
        "size": size_of(request),
    }
    return html(web.words.render(language, "guidelines.html", **values), headers={"cache-control": "no-cache"})


routes: list[Route] = [
    Route("/", front),
    Route("/stories/{id}", story),
    Route("/comments/{id}", comment),
    Route("/guidelines", guidelines),
    *post.routes,
]
