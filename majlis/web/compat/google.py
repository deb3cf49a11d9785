"""Errors as Google's APIs tell them (google.rpc.Status in JSON), with the details of the Comment Analyzer API."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from majlis import errors
from majlis.web.http import json

_ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_RPC = "type.googleapis.com/google.rpc."
_SERVICE = "commentanalyzer.googleapis.com"


class Fault(msgspec.Struct, frozen=True):
    """What the Comment Analyzer finds wrong with a request, in its own words.

    Clients read `message` and `kind`, byte for byte. `more` are further fields of the details.
    """

    kind: str
    message: str
    more: dict[str, Any] = {}


def fault(found: Fault) -> Response:
    """Return the answer to a request that is well formed and cannot be carried out."""
    return _status(400, "INVALID_ARGUMENT", found.message, {"@type": _ERROR, "errorType": found.kind, **found.more})


def refuse(error: errors.MajlisError) -> Response:
    """Return an error of ours as Google would tell it."""
    match error:
        case errors.LoginRequired():
            return _status(
                403,
                "PERMISSION_DENIED",
                "Method doesn't allow unregistered callers (callers without established identity). "
                "Please use API Key or other form of API consumer identity to call this API.",
            )
        case errors.ApiKeyInvalid():
            info = {"reason": "API_KEY_INVALID", "domain": "googleapis.com", "metadata": {"service": _SERVICE}}
            return _status(
                400,
                "INVALID_ARGUMENT",
                "API key not valid. Please pass a valid API key.",
                {"@type": f"{_RPC}ErrorInfo", **info},
            )
        case errors.TooManyRequests():
            retry = {"@type": f"{_RPC}RetryInfo", "retryDelay": f"{error.retry_after}s"}
            answer = _status(429, "RESOURCE_EXHAUSTED", f"Quota exceeded for this key. {error.detail}", retry)
            answer.headers["retry-after"] = str(error.retry_after)
            return answer
        case errors.TooLarge():
            return _status(400, "INVALID_ARGUMENT", f"Request payload size exceeds the limit. {error.detail}")
        case errors.Unreadable():
            return _status(400, "INVALID_ARGUMENT", f"Invalid JSON payload received. {error.detail}")
        case errors.InvalidInput():
            return _violation(error)
        case errors.NotFound() | errors.MethodNotAllowed():
            return _status(404, "NOT_FOUND", "Method not found.")
        case errors.Forbidden():
            return _status(403, "PERMISSION_DENIED", error.detail)
        case errors.StoreUnavailable() | errors.JudgeUnavailable():
            return _status(503, "UNAVAILABLE", "The service is currently unavailable.")
        case _:
            return _status(500, "INTERNAL", "Internal error encountered.")


def _violation(error: errors.InvalidInput) -> Response:
    """A field that is unknown or of another type."""
    place = f" at '{error.field}'" if error.field else ""
    if "unknown field" in error.detail:
        name = error.detail.split("`")[1]
        message = f'Invalid JSON payload received. Unknown name "{name}"{place}: Cannot find field.'
    else:
        message = f"Invalid value{place}: {error.detail}"
    violation = {"field": error.field or "", "description": message}
    return _status(400, "INVALID_ARGUMENT", message, {"@type": f"{_RPC}BadRequest", "fieldViolations": [violation]})


def _status(code: int, status: str, message: str, *details: dict[str, Any]) -> Response:
    error: dict[str, Any] = {"code": code, "message": message, "status": status}
    if details:
        error["details"] = list(details)
    return json({"error": error}, code, {"cache-control": "no-store"})
