"""OpenAI's `POST /v1/moderations`: text in, thirteen categories out, errors in OpenAI's shape.

It makes no score of its own: every category that is judged is made of clauses (CATEGORIES), the others are 0 and say
in `category_applied_input_types` that nothing was judged.
"""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from majlis import errors
from majlis.domain.decision import Decision, Submission
from majlis.domain.site import LANGUAGES
from majlis.services.judgement import check_heard, judge_now
from majlis.services.keys import Scope, check_key
from majlis.services.newsroom import Newsroom
from majlis.web.compat.protocol import address, nowhere
from majlis.web.compat.scale import evened
from majlis.web.context import web_of
from majlis.web.http import bearer, decode_json, json, read_body

PATHS = ("/v1/",)
MODELS = (
    "omni-moderation-latest",
    "omni-moderation-2024-09-26",
    "text-moderation-latest",
    "text-moderation-stable",
)
MOST_INPUTS = 100
MOST_TEXT = 20_480
MOST_BODY = 4 * 1024 * 1024
FLAGGED_FROM = 0.5
"""A category is flagged where a rejection is more likely than not, if as many texts broke a clause as not."""

_HATE = ("sexism", "racism", "homophobia", "xenophobia")
_THREAT = ("threat",)
CATEGORIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "harassment": (("personal-attack",),),
    "harassment/threatening": (_THREAT,),
    "hate": (_HATE,),
    "hate/threatening": (_HATE, _THREAT),
    "illicit": (),
    "illicit/violent": (),
    "self-harm": (),
    "self-harm/instructions": (),
    "self-harm/intent": (),
    "sexual": (("vulgarity",),),
    "sexual/minors": (),
    "violence": (_THREAT,),
    "violence/graphic": (),
}
"""Groups of clauses: the strongest of each, and the weakest of these, for two things are never likelier than one."""


class TextPart(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="text"):
    """A piece of text."""

    text: str


class ImagePart(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="image_url"):
    """An image, which is not judged."""

    image_url: Any


class ModerationIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be judged: a text, several, or the parts of one message."""

    input: str | list[str | TextPart | ImagePart]
    model: str | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The categories of one text."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[str]]


class ModerationOut(msgspec.Struct, frozen=True, kw_only=True):
    """A result for each text, in their order."""

    id: str
    model: str
    results: list[Result]


async def moderate(request: Request) -> Response:
    """Judge texts. Nothing is stored."""
    newsroom = web_of(request).newsroom
    secret = bearer(request)
    if not secret:
        raise errors.LoginRequired("No API key was given in an Authorization header.")
    await check_key(newsroom, secret, Scope.JUDGE)
    sent = decode_json(await read_body(request, MOST_BODY), ModerationIn)
    if sent.model not in {None, *MODELS}:
        return _fault(404, f"The model {sent.model!r} does not exist.", param="model", code="model_not_found")
    texts = _texts(sent.input)
    results = [await _result(newsroom, text, place) for place, text in enumerate(texts)]
    answer = ModerationOut(id=f"modr-{newsroom.new_id()}", model=sent.model or MODELS[0], results=results)
    return json(answer, headers={"cache-control": "no-store"})


def _texts(given: str | list[str | TextPart | ImagePart]) -> list[str]:
    """Return the texts that get a result each. Raises errors.InvalidInput."""
    if isinstance(given, str):
        given = [given]
    if not 0 < len(given) <= MOST_INPUTS:
        raise errors.InvalidInput(f"There are {len(given)} inputs; 1 to {MOST_INPUTS} are allowed.", field="input")
    if any(isinstance(one, ImagePart) for one in given):
        raise errors.InvalidInput("Images are not judged here; send text only.", field="input")
    strings = [one for one in given if isinstance(one, str)]
    if strings and len(strings) < len(given):
        raise errors.InvalidInput("The input mixes texts and parts of a message.", field="input")
    texts = strings or ["\n\n".join(one.text for one in given if isinstance(one, TextPart))]
    for place, text in enumerate(texts):
        size = len(text.encode())
        if not text.strip() or size > MOST_TEXT:
            wrong = f"has {size} bytes; at most {MOST_TEXT} are allowed" if text.strip() else "is empty"
            raise errors.InvalidInput(f"Input {place} {wrong}.", field="input")
    return texts


async def _result(newsroom: Newsroom, text: str, place: int) -> Result:
    decision, evidence = await judge_now(newsroom, Submission(text=text))
    check_heard(evidence)
    if decision.language not in LANGUAGES:
        raise errors.InvalidInput(
            f"Input {place} is in the language {decision.language!r}, which is not judged; "
            f"those that are: {', '.join(LANGUAGES)}.",
            field="input",
        )
    return _categories(evened(decision))


def _categories(decision: Decision) -> Result:
    found = {name: _score(decision, groups) for name, groups in CATEGORIES.items()}
    scores = {name: round(score or 0.0, 7) for name, score in found.items()}
    flags = {name: score >= FLAGGED_FROM for name, score in scores.items()}
    return Result(
        flagged=any(flags.values()),
        categories=flags,
        category_scores=scores,
        category_applied_input_types={name: [] if score is None else ["text"] for name, score in found.items()},
    )


def _score(decision: Decision, groups: tuple[tuple[str, ...], ...]) -> float | None:
    """The score of a category; None where nothing stands for it, here or in the newsroom's own guidelines."""
    strongest = []
    for clauses in groups:
        given = [score for clause in clauses if (score := decision.scores.get(clause)) is not None]
        if not given:
            return None
        strongest.append(max(given))
    return min(strongest, default=None)


def refuse(error: errors.MajlisError) -> Response:
    """Return an error of ours as OpenAI would tell it."""
    match error:
        case errors.LoginRequired():
            return _fault(401, "You didn't provide an API key. Send it as Authorization: Bearer YOUR_KEY.")
        case errors.ApiKeyInvalid():
            return _fault(401, "Incorrect API key provided.", code="invalid_api_key")
        case errors.TooManyRequests():
            answer = _fault(429, error.detail, kind="requests", code="rate_limit_exceeded")
            answer.headers["retry-after"] = str(error.retry_after)
            return answer
        case errors.InvalidInput():
            return _fault(400, error.detail, param=error.field)
        case errors.TooLarge() | errors.Unreadable() | errors.Forbidden() | errors.NotFound():
            return _fault(error.status, error.detail)
        case errors.MethodNotAllowed():
            return _fault(405, error.detail, code="method_not_supported")
        case _:
            return _fault(error.status if error.status > 499 else 500, error.title, kind="server_error")


def _fault(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
) -> Response:
    error = {"message": message, "type": kind, "param": param, "code": code}
    return json({"error": error}, status, {"cache-control": "no-store"})


routes = [
    address("/v1/moderations", "POST", moderate, refuse),
    *(nowhere(path, refuse) for path in PATHS),
]
