"""What readers send with forms: a comment, a like, a report. Answers are pages, or the parts that a script asks for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from majlis import errors
from majlis.domain.ids import is_id
from majlis.domain.site import Story
from majlis.services import author, react
from majlis.services.submit import submit
from majlis.services.thread import published_comment, story_with_id
from majlis.web.context import Web, address_of, web_of
from majlis.web.form import draft, keeps_token, minutes, problems_of, read
from majlis.web.http import html, read_form
from majlis.web.show import (
    FRESH,
    LIKED_COOKIE,
    PART,
    READER_COOKIE,
    SENT_COOKIE,
    TOOLS,
    blank_form,
    filled_form,
    foreign_view,
    language_of,
    liked_by,
    page_view,
    respond,
    sent_view,
    size_of,
)
from majlis.web.thread_view import Kind, View

MOST_LIKED = 60
"""Likes that a browser is reminded of; more would make every request heavy."""

YEAR = 365 * 24 * 3600
SENT_SECONDS = 600
_NO_ID = "There is no published comment with this id."


async def post_comment(request: Request) -> Response:
    """Take a comment. What was typed survives every error."""
    web = web_of(request)
    sent = read(await read_form(request))
    view = await sent_view(web, sent, request.path_params["id"])
    try:
        asked = draft(web.newsroom, sent, url=view.story.url, story=view.story.id, address=address_of(request))
        outcome = await submit(web.newsroom, asked)
    except errors.MajlisError as error:
        wrong = problems_of(web.words, view.language, error, sent=sent, newsroom=web.newsroom)
        token = sent.token if keeps_token(error) else ""
        form = await filled_form(web, view, sent, token=token, problems=wrong)
        answer = await respond(request, view, form, status=error.status)
        if isinstance(error, errors.TooManyRequests):
            answer.headers["retry-after"] = str(error.retry_after)
        return answer
    token = author.receipt_token(web.newsroom, outcome.comment.id)
    if request.headers.get(PART):
        return await respond(request, view, await blank_form(web, view), sent=token, status=201)
    return _see_other(web, view, token)


def _see_other(web: Web, view: View, token: str) -> Response:
    if view.kind is not Kind.PAGE:
        return RedirectResponse(view.at(sent=token) + "#outcome", 303, FRESH)
    answer = RedirectResponse(view.at() + "#outcome", 303, FRESH)
    # The token is not put into the address of the page, which people copy and pass on.
    answer.set_cookie(
        SENT_COOKIE,
        token,
        max_age=SENT_SECONDS,
        path=f"/stories/{view.story.id}",
        secure=web.public_origin.startswith("https:"),
        httponly=True,
        samesite="lax",
    )
    return answer


async def post_like(request: Request) -> Response:
    """Like a comment, or take the like back."""
    web = web_of(request)
    id = _id(request)
    fields = await read_form(request)
    liked = fields.get("liked") != "no"
    reader = fields.get("reader", "")[:80] or request.cookies.get(READER_COOKIE, "") or web.newsroom.random(16).hex()
    likes = await react.like(web.newsroom, comment=id, reader=reader, address=address_of(request), liked=liked)
    comment = await published_comment(web.newsroom, id)
    story = await story_with_id(web.newsroom, comment.story)
    view = _view(web, story, fields)
    if request.headers.get(PART):
        values = {"view": view, "comment": comment, "liked": liked, "likes": likes}
        answer: Response = html(web.words.render(view.language, "parts/like.html", **values), 200, FRESH)
    else:
        back = view.at() + f"#c-{id}" if view.foreign else f"/comments/{id}"
        answer = RedirectResponse(back, 303, FRESH)
    if "reader" not in fields:
        _remember_like(request, web, answer, reader, id, liked=liked)
    return answer


def _remember_like(request: Request, web: Web, answer: Response, reader: str, id: str, *, liked: bool) -> None:
    others = [one for one in request.cookies.get(LIKED_COOKIE, "").split(".") if one in liked_by(request) - {id}]
    marked = ".".join([*others, id][-MOST_LIKED:] if liked else others)
    for name, value in ((READER_COOKIE, reader), (LIKED_COOKIE, marked)):
        answer.set_cookie(
            name,
            value,
            max_age=YEAR,
            secure=web.public_origin.startswith("https:"),
            httponly=True,
            samesite="lax",
        )


async def get_report(request: Request) -> Response:
    """Return the form with which a comment is reported, or thanks after it was sent."""
    web = web_of(request)
    return await _report_page(request, request.query_params.get("sent") == "1", web.newsroom.language)


async def post_report(request: Request) -> Response:
    """Report a comment to the desk."""
    web = web_of(request)
    id = _id(request)
    fields = await read_form(request)
    language = web.words.known(fields.get("lang")) or web.newsroom.language
    try:
        await react.report(
            web.newsroom,
            comment=id,
            clause=fields.get("clause", ""),
            reason=fields.get("reason", "").replace("\r\n", "\n"),
            reporter=fields.get("reader", "")[:80] or request.cookies.get(READER_COOKIE, ""),
            address=address_of(request),
        )
    except (errors.InvalidInput, errors.TooManyRequests) as error:
        return await _report_page(request, False, language, fields=fields, error=error)
    if request.headers.get(PART):
        return await _report_page(request, True, language)
    return RedirectResponse(f"/comments/{id}/reports?lang={language}&sent=1", 303, FRESH)


async def _report_page(
    request: Request,
    done: bool,
    language: str,
    *,
    fields: dict[str, str] | None = None,
    error: errors.MajlisError | None = None,
) -> Response:
    web = web_of(request)
    comment = await published_comment(web.newsroom, _id(request))
    story = await story_with_id(web.newsroom, comment.story)
    language = language_of(request, language)
    values = TOOLS | {
        "web": web,
        "view": View(kind=Kind.EMBED, story=story, language=language, origin=web.public_origin),
        "story": story,
        "comment": comment,
        "guidelines": web.newsroom.guidelines_for(language),
        "fields": fields or {},
        "problem": _report_problem(web, language, error) if error else None,
        "done": done,
        "size": size_of(request),
    }
    template = "parts/report.html" if request.headers.get(PART) else "report.html"
    return html(web.words.render(language, template, **values), error.status if error else 200, FRESH)


def _report_problem(web: Web, language: str, error: errors.MajlisError) -> tuple[str, str]:
    """Return the field to blame (empty: none) and what is said there."""
    if isinstance(error, errors.TooManyRequests):
        return "", minutes(web.words, language, error)
    if error.field == "clause":
        return "clause", web.words.say(language, "Please choose a clause.")
    return "reason", web.words.say(language, "Some characters cannot be read. Please type them again.")


def _view(web: Web, story: Story, fields: dict[str, str]) -> View:
    kind = Kind(fields["view"]) if fields.get("view") in set(Kind) else Kind.PAGE
    if kind is Kind.PAGE:
        return page_view(web, story)
    return foreign_view(web, story, kind, lang=fields.get("lang", ""), title="", theme=fields.get("theme", ""))


def _id(request: Request) -> str:
    id: str = request.path_params["id"]
    if not is_id(id):
        raise errors.CommentNotFound(_NO_ID)
    return id


routes: list[Route] = [
    Route("/stories/{id}/comments", post_comment, methods=["POST"]),
    Route("/comments/{id}/likes", post_like, methods=["POST"]),
    Route("/comments/{id}/reports", get_report, methods=["GET"]),
    Route("/comments/{id}/reports", post_report, methods=["POST"]),
]
