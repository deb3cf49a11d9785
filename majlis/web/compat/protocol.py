"""What the foreign protocols share: addresses that answer every method and every error in their own shape."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from majlis import errors
from majlis.web.http import recognise

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Refuse = Callable[[errors.MajlisError], Response]

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def address(path: str, method: str, handler: Handler, refuse: Refuse) -> Route:
    """Return the route of a handler. Whatever goes wrong there is told by `refuse`, never in our own shape."""

    async def answer(request: Request) -> Response:
        try:
            if request.method not in {method, "HEAD" if method == "GET" else method}:
                raise errors.MethodNotAllowed(f"This address takes {method} only.")
            return await handler(request)
        except Exception as error:
            return refuse(recognise(request, error))

    return Route(path, answer, methods=METHODS)


def nowhere(prefix: str, refuse: Refuse) -> Route:
    """Return the route of everything else under a prefix."""

    async def answer(_: Request) -> Response:
        return refuse(errors.NotFound("There is nothing at this address."))

    return Route(f"{prefix}{{rest:path}}", answer, methods=METHODS)
