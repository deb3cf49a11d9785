"""Going into the desk and out of it: password, one-time login, log-out, a new password."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from majlis import errors
from majlis.services import staff
from majlis.web.context import Web, address_of, web_of
from majlis.web.desk_visit import (
    Visit,
    chosen_language,
    desk_page,
    is_secure,
    language_of,
    render,
    see,
    session_cookie,
)
from majlis.web.http import read_form


async def get_login(request: Request) -> Response:
    """Return the login, or spend a one-time login."""
    if (answer := chosen_language(request)) is not None:
        return answer
    token = request.query_params.get("token")
    if token is None:
        return _login_page(request)
    web = web_of(request)
    try:
        _, session = await staff.log_in_once(web.newsroom, token=token, address=address_of(request))
    except (errors.LoginFailed, errors.TooManyRequests) as error:
        return _login_page(request, error=error)
    return _let_in(web, session, "/desk")


async def post_login(request: Request) -> Response:
    """Check name and password."""
    web = web_of(request)
    fields = await read_form(request)
    name, wanted = fields.get("name", "").strip(), fields.get("next", "")
    try:
        _, session = await staff.log_in(
            web.newsroom, name=name, password=fields.get("password", ""), address=address_of(request)
        )
    except (errors.LoginFailed, errors.TooManyRequests) as error:
        return _login_page(request, name=name, wanted=wanted, error=error)
    return _let_in(web, session, wanted if wanted.startswith("/desk/") else "/desk")


def _login_page(
    request: Request, *, name: str = "", wanted: str | None = None, error: errors.MajlisError | None = None
) -> Response:
    status = error.status if error else 200
    wanted = request.query_params.get("next", "") if wanted is None else wanted
    answer = render(web_of(request), language_of(request), "login.html", status, name=name, wanted=wanted, error=error)
    if isinstance(error, errors.TooManyRequests):
        answer.headers["retry-after"] = str(error.retry_after)
    return answer


def _let_in(web: Web, session: str, path: str) -> Response:
    answer = see(path)
    answer.set_cookie(
        session_cookie(web),
        session,
        max_age=staff.SESSION_MS // 1000,
        path="/",
        secure=is_secure(web),
        httponly=True,
        samesite="lax",
    )
    return answer


async def log_out(request: Request) -> Response:
    """End the session."""
    web = web_of(request)
    await staff.log_out(web.newsroom, request.cookies.get(session_cookie(web), ""))
    answer = see("/desk/login")
    answer.delete_cookie(session_cookie(web), path="/", secure=is_secure(web), httponly=True, samesite="lax")
    return answer


async def get_password(visit: Visit) -> Response:
    """Return the form for a new password."""
    return await _password_page(visit)


async def post_password(visit: Visit) -> Response:
    """Set a new password."""
    fields = await read_form(visit.request)
    try:
        await staff.change_password(
            visit.web.newsroom,
            visit.staff,
            current=fields.get("current", ""),
            password=fields.get("password", ""),
        )
    except (errors.InvalidInput, errors.LoginFailed, errors.TooManyRequests) as error:
        return await _password_page(visit, error)
    return see("/desk?done=password")


async def _password_page(visit: Visit, error: errors.MajlisError | None = None) -> Response:
    least, most = staff.PASSWORD_CHARACTERS
    return await visit.page(
        "password.html",
        error.status if error else 200,
        has_password=await staff.has_password(visit.web.newsroom, visit.staff),
        error=error,
        least=least,
        most=most,
    )


routes: list[Route] = [
    Route("/desk/login", get_login, methods=["GET"]),
    Route("/desk/login", post_login, methods=["POST"]),
    Route("/desk/logout", log_out, methods=["POST"]),
    Route("/desk/password", desk_page(get_password), methods=["GET"]),
    Route("/desk/password", desk_page(post_password), methods=["POST"]),
]
