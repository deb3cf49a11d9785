"""One visit to the desk: who visits, in which language, and the pages they get. It holds no act of the desk itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from majlis import errors
from majlis.domain.site import Role, Staff
from majlis.judge.reasons import segments
from majlis.services import desk, staff
from majlis.web.context import Web, web_of
from majlis.web.http import html

LANGUAGE_COOKIE = "majlis-desk-lang"
YEAR = 365 * 24 * 3600
PRIVATE = {"cache-control": "no-store", "referrer-policy": "same-origin", "x-robots-tag": "noindex"}
KEYS = (*"1234567890", "-")
"""The keys of the clauses, in the order of the guidelines."""

_RANKS = list(Role)


def session_cookie(web: Web) -> str:
    """Return the name of the session cookie; the prefix makes browsers refuse it where it is not safe."""
    return "__Host-majlis-desk" if is_secure(web) else "majlis-desk"


def is_secure(web: Web) -> bool:
    """Return whether readers and desk reach this server over TLS."""
    return web.public_origin.startswith("https:")


def may(person: Staff, least: Role) -> bool:
    """Return whether somebody's role is at least this one."""
    return _RANKS.index(person.role) >= _RANKS.index(least)


def see(path: str) -> RedirectResponse:
    """Lead to another page of the desk once something is done."""
    return RedirectResponse(path, 303, PRIVATE)


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request from a person of the desk."""

    request: Request
    web: Web
    staff: Staff
    language: str

    async def page(self, template: str, status: int = 200, **values: Any) -> Response:
        """Return a page of the desk."""
        newsroom = self.web.newsroom
        guidelines = newsroom.guidelines_for(self.language)
        common = {
            "me": self.staff,
            "may": lambda role: may(self.staff, Role(role)),
            "over": await desk.overview(newsroom, self.staff),
            "guidelines": guidelines,
            "titles": {clause.id: clause.title for clause in guidelines.clauses},
            "digits": dict(zip((clause.id for clause in guidelines.clauses), KEYS, strict=False)),
            "done": self.request.query_params.get("done", ""),
            "query": "",
        }
        return render(self.web, self.language, template, status, **(common | values))

    def say(self, message: str) -> str:
        """Return a message in the visitor's language."""
        return self.web.words.say(self.language, message)


def render(web: Web, language: str, template: str, status: int = 200, **values: Any) -> Response:
    """Return a page of the desk, for anybody."""
    given = {"web": web, "now": web.newsroom.now(), "segments": segments, "me": None} | values
    return html(web.words.render(language, f"desk/{template}", **given), status, PRIVATE)


def language_of(request: Request) -> str:
    """Return the language that this browser chose for the desk, or the site's."""
    web = web_of(request)
    return web.words.known(request.cookies.get(LANGUAGE_COOKIE)) or web.newsroom.language


def chosen_language(request: Request) -> Response | None:
    """Keep the desk's language for the next visits where a link chooses one, and go back to the page."""
    web = web_of(request)
    if request.method not in {"GET", "HEAD"} or "lang" not in request.query_params:
        return None
    language = web.words.known(request.query_params["lang"])
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    answer = see(request.url.path + (f"?{urlencode(rest)}" if rest else ""))
    if language:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=YEAR,
            path="/desk",
            secure=is_secure(web),
            httponly=True,
            samesite="lax",
        )
    return answer


def desk_page(
    act: Callable[[Visit], Awaitable[Response]], least: Role = Role.MODERATOR
) -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of an act that needs a session and a role. Errors of the act become a page of the desk."""

    async def endpoint(request: Request) -> Response:
        web = web_of(request)
        if (answer := chosen_language(request)) is not None:
            return answer
        try:
            person = await staff.who(web.newsroom, request.cookies.get(session_cookie(web), ""))
        except errors.LoginRequired:
            return see(_login(request))
        visit = Visit(request=request, web=web, staff=person, language=language_of(request))
        try:
            if not may(person, least):
                raise errors.Forbidden(f"The role {person.role.value} may not do this.")
            return await act(visit)
        except errors.MajlisError as error:
            if error.status >= 500:
                raise
            return await visit.page("error.html", error.status, error=error)

    return endpoint


def _login(request: Request) -> str:
    if request.method != "GET" or request.url.path == "/desk":
        return "/desk/login"
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return f"/desk/login?next={quote(wanted, safe='')}"
