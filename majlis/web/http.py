"""How HTTP is spoken here: bodies in, problems out, and the guard that stands before every route.

Errors are problem+json (RFC 9457) for programs and a page for people. No internal detail leaves through them.
"""

from __future__ import annotations

import asyncio
import traceback
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from majlis import errors
from majlis.web.context import Web, web_of

T = TypeVar("T")

MAX_BODY = 96 * 1024
MOST_FIELDS = 1_000
BODY_SECONDS = 20
"""How long a body may take to come, so that nobody holds a connection open by sending a byte from time to time."""

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PROBLEMS = "https://majlis.example/problems/"
"""Where the `type` of a problem points; a name, not a page that has to be there (RFC 9457, section 3.1.1)."""

log = structlog.get_logger()


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of an error answer (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    hint: str = ""
    field: str | None = None


def problem(error: errors.MajlisError) -> Response:
    """Return the answer that tells a program of an error."""
    body = Problem(
        type=PROBLEMS + error.code,
        title=error.title,
        status=error.status,
        detail=error.detail,
        code=error.code,
        hint=error.hint,
        field=error.field,
    )
    headers = {"cache-control": "no-store"}
    if isinstance(error, errors.TooManyRequests):
        headers["retry-after"] = str(error.retry_after)
    if isinstance(error, errors.StoreUnavailable | errors.Overloaded):
        headers["retry-after"] = "5"
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    return Response(
        msgspec.json.encode(body),
        status_code=error.status,
        media_type="application/problem+json",
        headers=headers,
    )


def json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer of JSON."""
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json", headers=headers)


def html(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a page."""
    return Response(text, status_code=status, media_type="text/html", headers=headers)


async def read_json(request: Request, kind: type[T]) -> T:
    """Return the body of a request as a struct.

    Raises:
        errors.UnsupportedMedia, and as read_body and decode_json.
    """
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media != "application/json":
        raise errors.UnsupportedMedia(
            f"The content type {media[:80]!r} is not read here.", hint="Send application/json."
        )
    return decode_json(await read_body(request), kind)


def decode_json(body: bytes, kind: type[T]) -> T:
    """Return a body as a struct. Raises errors.Unreadable, errors.InvalidInput."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at ")
        raise errors.InvalidInput(
            f"{detail}.", field=path.strip("`").removeprefix("$").removeprefix(".") or None
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise errors.Unreadable(
            "The body is not valid JSON in UTF-8.", hint="Check quotes, commas and the encoding."
        ) from error


async def read_body(request: Request, most: int = MAX_BODY) -> bytes:
    """Return the whole body, of so many bytes at most. Raises errors.TooLarge, errors.Unreadable."""
    declared = request.headers.get("content-length", "")
    parts: list[bytes] = []
    size, more = 0, True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            # To be told that nothing follows takes a turn through the server, so it is not asked what is known already.
            while more and str(size) != declared:
                message = await request.receive()
                if message["type"] == "http.disconnect":
                    raise errors.Unreadable("The request ended before its body did.")
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                more = message.get("more_body", False)
                if size > most:
                    raise errors.TooLarge(f"The body has more than {most} bytes.")
    except TimeoutError as error:
        raise errors.Unreadable(f"The body was not there within {BODY_SECONDS} seconds.") from error
    return b"".join(parts)


async def read_form(request: Request, most: int = MAX_BODY) -> dict[str, str]:
    """Return the fields of a form that was sent as application/x-www-form-urlencoded; the last of equal names counts.

    Raises:
        errors.UnsupportedMedia, errors.Unreadable, errors.TooLarge.
    """
    media = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        raise errors.UnsupportedMedia(f"The content type {media[:80]!r} is not read here.")
    body = await read_body(request, most)
    try:
        # Starlette's parser puts U+FFFD in the place of what is not UTF-8; here words are kept as sent or refused.
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS, separator="&"
        )
    except ValueError as error:
        raise errors.Unreadable("The form is not valid UTF-8, or has too many fields.") from error
    return dict(pairs)


def bearer(request: Request) -> str | None:
    """Return the API key that a request carries, or None."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if kind.lower() == "bearer" and value.strip() else None


def wants_html(request: Request) -> bool:
    """Return whether a person asked, so that an error is a page."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


async def on_error(request: Request, error: Exception) -> Response:
    """Answer any error that a route raised."""
    known = recognise(request, error)
    allowed = {"allow": error.headers["Allow"]} if isinstance(error, HTTPException) and error.headers else {}
    if not wants_html(request):
        answer = problem(known)
        answer.headers.update(allowed)
        return answer
    web = web_of(request)
    language = web.words.known(request.query_params.get("lang")) or web.newsroom.language
    page = web.words.render(language, "error.html", web=web, error=known)
    return html(page, status=known.status, headers={"cache-control": "no-store"} | allowed)


def recognise(request: Request, error: Exception) -> errors.MajlisError:
    """Return what a caller may be told of an error; what is our own fault is logged."""
    known = _known(error)
    if known.status >= 500:
        log.error("request failed", method=request.method, error=type(error).__name__, at=_places(error))
    return known


def _places(error: BaseException) -> list[str]:
    """Return where an error came from, innermost first. Its message and values may hold a reader's words."""
    frames = traceback.extract_tb(error.__traceback__)
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)][:8]


def _known(error: Exception) -> errors.MajlisError:
    if isinstance(error, errors.MajlisError):
        return error
    if isinstance(error, HTTPException):
        if error.status_code == 404:
            return errors.NotFound("There is nothing at this address.")
        if error.status_code == 405:
            return errors.MethodNotAllowed("This address does not take this method.")
    return errors.Internal("Something went wrong here.")


def content_policy(web: Web, *, framed_by: tuple[str, ...] = ()) -> str:
    """Return the Content-Security-Policy of a page: nothing inline, nothing foreign, framed by nobody else."""
    images = " ".join(("'self'", *web.image_origins))
    ancestors = " ".join(("'self'", *framed_by)) if framed_by else "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        f"img-src {images}; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )


class Guard:
    """Stands before every route: refuses foreign unsafe requests and puts the security headers on every answer.

    Below the paths of `keyed` a request is trusted for its key and for nothing that a browser adds by itself, so that
    any page may send it.

    A handler that sets a Content-Security-Policy or CORS header of its own keeps it.
    """

    def __init__(self, app: ASGIApp, *, web: Web, keyed: tuple[str, ...]) -> None:
        self._app = app
        self._web = web
        self._keyed = keyed
        self._embedders = frozenset(web.embed_origins)
        self._always = (
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
            (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"content-security-policy", content_policy(web).encode()),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Headers(scope=scope)
        origin = request.get("origin")
        path: str = scope["path"]

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in self._always if one[0] not in given)]
                self._share(MutableHeaders(scope=message), path=path, origin=origin)
            await send(message)

        if scope["method"] in UNSAFE and not self._may_send(path, origin, request):
            refusal = errors.ForeignOrigin("Requests from this origin are not taken.", hint="See embed_origins.")
            await problem(refusal)(scope, receive, guarded)
            return
        if scope["method"] == "OPTIONS" and origin and "access-control-request-method" in request:
            await Response(status_code=204)(scope, receive, guarded)
            return
        await self._app(scope, receive, guarded)

    def _may_send(self, path: str, origin: str | None, request: Headers) -> bool:
        """Whether an unsafe request may come from this origin.

        Programs send no Origin. Browsers always do with an unsafe request, so one that brings a cookie has to show it.
        """
        if path.startswith(self._keyed):
            return True
        if origin is None:
            return "cookie" not in request and not path.startswith("/desk")
        if origin == self._web.public_origin or origin.partition("://")[2] == request.get("host"):
            return True
        return not path.startswith("/desk") and origin in self._embedders

    def _share(self, headers: MutableHeaders, *, path: str, origin: str | None) -> None:
        """Say which other sites' pages may read the answer."""
        if path.startswith("/desk"):
            return
        if origin is not None and path.startswith(self._keyed):
            headers["access-control-allow-origin"] = "*"
            headers["access-control-allow-headers"] = "authorization, content-type, x-goog-api-key"
        elif origin in self._embedders:
            headers.add_vary_header("origin")
            headers["access-control-allow-origin"] = origin
            headers["access-control-allow-methods"] = "GET, POST, PUT, DELETE"
            headers["access-control-allow-headers"] = "content-type, idempotency-key, x-majlis-part"
            headers["access-control-max-age"] = "600"
        elif path.startswith("/api/"):
            headers.setdefault("access-control-allow-origin", "*")
