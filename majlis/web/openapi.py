"""The OpenAPI 3.1 document of the reader API, made from one table of operations and the structs that they speak."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from majlis import __version__
from majlis.interchange.judgement_line import Judged
from majlis.services.proof import Challenge
from majlis.web import api, types
from majlis.web.http import Problem, json

BASE = "/api/v1"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass(frozen=True)
class Parameter:
    """A parameter of the path, the query or a header."""

    name: str
    where: str
    schema: dict[str, Any]
    required: bool = False
    about: str = ""


@dataclass(frozen=True)
class Operation:
    """One request and its answers. `handler` is None where web.threads answers before any route."""

    method: str
    path: str
    handler: Handler | None
    summary: str
    answers: dict[int, Any]
    body: Any = None
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[int, ...] = ()
    key: str = ""


STORY = Parameter(
    "story",
    "query",
    {"type": "string", "format": "uri", "minLength": 1, "maxLength": 2048},
    True,
    "Address of the story.",
)
LANG = Parameter("lang", "query", {"type": "string", "maxLength": 40}, about="Language tag such as ckb.")
TOKEN = Parameter("token", "path", {"type": "string"}, True, "The last part of the receipt's address.")
COMMENT = Parameter("id", "path", {"type": "string"}, True, "Id of the comment.")
IDEMPOTENCY = Parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "maxLength": 200, "pattern": "^[\\x21-\\x7e]+$"},
    about="The same key again gives the same answer and no second comment.",
)


class JudgementIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One input line of `majlis judge`; only `text` is required."""

    text: str
    id: str | None = None
    language: str | None = None
    story: JudgementStory | None = None
    parent: str | None = None
    author: JudgementAuthor | None = None


class JudgementStory(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What the comment is about."""

    title: str = ""
    body: str = ""


class JudgementAuthor(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Who wrote it."""

    name: str = ""


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/comments",
        api.post_comment,
        "Submit a comment; it is judged before anyone sees it.",
        {201: types.Posted},
        types.CommentIn,
        (IDEMPOTENCY,),
        (400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
        "write, instead of a proof",
    ),
    Operation(
        "GET",
        "/threads",
        None,
        "The published comments of a story, a page at a time.",
        {200: types.ThreadOut, 304: None},
        None,
        (
            STORY,
            Parameter("sort", "query", {"type": "string", "enum": ["newest", "oldest", "top"], "default": "newest"}),
            Parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 200, "default": 200}),
            Parameter("after", "query", {"type": "string"}, about="`next` of the page before."),
        ),
        (400, 404, 422, 503),
    ),
    Operation(
        "GET",
        "/threads/events",
        api.get_events,
        "Server-Sent Events: `revision` whenever the thread has changed.",
        {200: "text/event-stream"},
        None,
        (STORY,),
        (404, 422, 503),
    ),
    Operation(
        "GET",
        "/stories",
        api.get_stories,
        "The Latest: the newest stories.",
        {200: list[types.LatestStory]},
        None,
        (Parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}), LANG),
        (422, 503),
    ),
    Operation(
        "GET",
        "/counts",
        api.get_counts,
        "How many published comments stories have.",
        {200: dict[str, int]},
        None,
        (Parameter("story", "query", {"type": "array", "items": {"type": "string"}, "maxItems": 100}),),
        (422, 503),
    ),
    Operation(
        "GET",
        "/challenge",
        api.get_challenge,
        "A proof-of-work challenge; its solution is the `proof` of a comment.",
        {200: Challenge},
        None,
        (),
        (429,),
    ),
    Operation(
        "GET",
        "/receipts/{token}",
        api.get_receipt,
        "What the author may see of a comment.",
        {200: types.ReceiptOut},
        None,
        (TOKEN,),
        (404, 503),
    ),
    Operation(
        "POST",
        "/receipts/{token}/withdrawal",
        api.post_withdrawal,
        "Withdraw one's own comment for good.",
        {200: types.ReceiptOut},
        None,
        (TOKEN,),
        (403, 404, 409, 429, 503),
    ),
    Operation(
        "POST",
        "/receipts/{token}/appeal",
        api.post_appeal,
        "Object to a rejection; another person than the first decides.",
        {201: types.AppealOut},
        types.AppealIn,
        (TOKEN,),
        (400, 403, 404, 409, 413, 415, 422, 429, 503),
    ),
    Operation(
        "POST",
        "/comments/{id}/reports",
        api.post_report,
        "Tell the desk that a published comment breaks a clause.",
        {202: types.Accepted},
        types.ReportIn,
        (COMMENT,),
        (400, 403, 404, 413, 415, 422, 429, 503),
    ),
    Operation(
        "PUT",
        "/comments/{id}/like",
        api.put_like,
        "Like a published comment.",
        {200: types.Liked},
        types.LikeIn,
        (COMMENT,),
        (400, 403, 404, 413, 415, 422, 429, 503),
    ),
    Operation(
        "DELETE",
        "/comments/{id}/like",
        api.put_like,
        "Take a like back.",
        {200: types.Liked},
        types.LikeIn,
        (COMMENT,),
        (400, 403, 404, 413, 415, 422, 429, 503),
    ),
    Operation(
        "GET",
        "/guidelines",
        api.get_guidelines,
        "The written guidelines in a language.",
        {200: types.GuidelinesOut},
        None,
        (LANG,),
    ),
    Operation(
        "POST",
        "/judgements",
        api.post_judgement,
        "Judge one text; nothing is stored.",
        {200: Judged},
        JudgementIn,
        (),
        (400, 401, 403, 413, 415, 422, 429, 503),
        "judge",
    ),
)


def document(public_url: str = "") -> dict[str, Any]:
    """Return the OpenAPI document."""
    kinds = [kind for kind in _kinds() if kind is not None]
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    schema_of = {str(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(BASE + operation.path, {})[operation.method.lower()] = _operation(operation, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Majlis reader API",
            "version": __version__,
            "description": "Comments that were approved under the newsroom's own written guidelines.",
        },
        "servers": [{"url": public_url or "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _kinds() -> list[Any]:
    spoken = [Problem]
    for operation in OPERATIONS:
        spoken += [operation.body, *(kind for kind in operation.answers.values() if not isinstance(kind, str))]
    return list({str(kind): kind for kind in spoken}.values())


def _operation(operation: Operation, schema_of: dict[str, Any]) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for status, kind in operation.answers.items():
        answers[str(status)] = {"description": operation.summary if status < 300 else "Not changed."}
        if isinstance(kind, str):
            answers[str(status)]["content"] = {kind: {"schema": {"type": "string"}}}
        elif kind is not None:
            answers[str(status)]["content"] = {"application/json": {"schema": schema_of[str(kind)]}}
    for status in operation.problems:
        answers[str(status)] = {
            "description": "A problem (RFC 9457).",
            "content": {"application/problem+json": {"schema": schema_of[str(Problem)]}},
        }
    made: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": f"{operation.method.lower()}{operation.path.replace('/', '_').translate(_PLAIN)}",
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": answers,
    }
    if operation.body is not None:
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schema_of[str(operation.body)]}},
        }
    if operation.key:
        made["security"] = [{"key": []}] if operation.key == "judge" else [{"key": []}, {}]
        made["description"] = f"API key of scope {operation.key}."
    return made


_PLAIN = str.maketrans("", "", "{}")


def _parameter(parameter: Parameter) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.required,
        "schema": parameter.schema,
    }
    return made | ({"description": parameter.about} if parameter.about else {})


async def get_document(request: Request) -> Response:
    """Return the OpenAPI document."""
    return json(request.app.state.openapi, headers={"cache-control": "no-cache"})


routes: list[BaseRoute] = [
    *(
        Route(BASE + operation.path, operation.handler, methods=[operation.method])
        for operation in OPERATIONS
        if operation.handler is not None
    ),
    Route(f"{BASE}/openapi.json", get_document),
]
