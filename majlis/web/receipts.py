"""The receipt as a page: where a comment stands and why, for whoever holds the link. It decides nothing."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from majlis import errors
from majlis.services import author
from majlis.services.limits import Act
from majlis.web.context import Web, address_of, web_of
from majlis.web.form import minutes
from majlis.web.http import html, read_form
from majlis.web.show import TOOLS, language_of, size_of

PRIVATE = {"cache-control": "no-store", "referrer-policy": "same-origin", "x-robots-tag": "noindex"}


async def show(request: Request) -> Response:
    """Return the receipt."""
    return await _page(request)


async def withdraw(request: Request) -> Response:
    """Take one's own comment back."""
    web = web_of(request)
    web.newsroom.limits.spend(Act.OBJECT, address_of(request))
    await author.withdraw(web.newsroom, request.path_params["token"])
    return _back(request, (await read_form(request)).get("lang", ""))


async def appeal(request: Request) -> Response:
    """Object to a rejection. The reason that was typed survives an error."""
    web = web_of(request)
    fields = await read_form(request)
    reason = fields.get("reason", "").replace("\r\n", "\n")
    language = fields.get("lang", "")
    try:
        web.newsroom.limits.spend(Act.OBJECT, address_of(request))
        await author.appeal(web.newsroom, request.path_params["token"], reason)
    except (errors.InvalidInput, errors.AppealExists, errors.TooManyRequests) as error:
        return await _page(request, reason=reason, lang=language, error=error)
    return _back(request, language)


def _back(request: Request, lang: str) -> Response:
    language = web_of(request).words.known(lang)
    query = f"?lang={language}" if language else ""
    return RedirectResponse(f"/receipts/{request.path_params['token']}{query}", 303, PRIVATE)


async def _page(
    request: Request, *, reason: str = "", lang: str = "", error: errors.MajlisError | None = None
) -> Response:
    web = web_of(request)
    token: str = request.path_params["token"]
    receipt = await author.receipt(web.newsroom, token)
    language = web.words.known(lang) or language_of(request, receipt.story_language)
    values = TOOLS | {
        "web": web,
        "receipt": receipt,
        "token": token,
        "reason": reason,
        "problem": _problem(web, language, reason, error) if error else "",
        "size": size_of(request),
    }
    page = web.words.render(language, "receipt.html", **values)
    return html(page, error.status if error else 200, PRIVATE)


def _problem(web: Web, language: str, reason: str, error: errors.MajlisError) -> str:
    if isinstance(error, errors.TooManyRequests):
        return minutes(web.words, language, error)
    if isinstance(error, errors.AppealExists):
        return web.words.say(language, "There is nothing to object to, or you have objected already.")
    most = web.newsroom.bounds.note_characters
    if len(reason) > most:
        message = "The reason is too long: %(n)s of at most %(max)s characters."
        return web.words.say(language, message, n=len(reason), max=most)
    if not reason.strip():
        return web.words.say(language, "Please write a reason.")
    return web.words.say(language, "Some characters cannot be read. Please type them again.")


routes: list[Route] = [
    Route("/receipts/{token}", show),
    Route("/receipts/{token}/withdrawal", withdraw, methods=["POST"]),
    Route("/receipts/{token}/appeal", appeal, methods=["POST"]),
]
