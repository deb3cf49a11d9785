"""Akismet's API, 1.1: verify-key, comment-check, submit-spam, submit-ham, and usage-limit of 1.2.

Spam is promotion, repetition and flooding here, whatever else is wrong with a comment. Answers are plain words. A
comment that cannot be judged is answered with neither `true` nor `false`, upon which clients hold it, and
`X-akismet-debug-help` says why.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from majlis import errors
from majlis.domain.decision import Submission
from majlis.services.elsewhere import judge_elsewhere
from majlis.services.feedback import keep_feedback
from majlis.services.judgement import check_heard, judge_now
from majlis.services.keys import Scope, check_key, usage
from majlis.signals import repetition
from majlis.store.keys import Key
from majlis.web.compat.protocol import address, nowhere
from majlis.web.context import web_of
from majlis.web.http import json, read_form

PATHS = ("/1.1/", "/1.2/")
THANKS = "Thanks for making the web a better place."
MOST_BODY = 1024 * 1024
"""WordPress sends the comment twice, and all that it knows of the request."""

MOST_TEXT = 65_536
SPAM_ABOVE = 0.5
"""A probability of promotion. The second of two equal comments by one author has just this much, and is no spam yet."""

ALWAYS_SPAM = {"comment_author": "viagra-test-123", "comment_author_email": "akismet-guaranteed-spam@example.com"}
ALWAYS_HAM = {"user_role": "administrator"}
"""By these fields a client tries out whether it understands the answers (Akismet's documentation)."""

_KEY_IN_HOST = re.compile(r"([0-9a-f]{48})\.", re.IGNORECASE)


async def verify(request: Request) -> Response:
    """Say whether the key works."""
    fields = await read_form(request, MOST_BODY)
    await _key(request, fields)
    return _word("valid")


async def check(request: Request) -> Response:
    """Say whether a comment is spam. Nothing is stored."""
    fields = await read_form(request, MOST_BODY)
    key = await _key(request, fields)
    _check_fields(fields)
    if _any(fields, ALWAYS_HAM):
        return _word("false")
    trap = fields.get("honeypot_field_name", "")
    if _any(fields, ALWAYS_SPAM) or (trap and fields.get(trap)):
        return _word("true")
    score = max(await _of_content(request, key, fields), await _of_author(request, fields))
    return _word("true" if score > SPAM_ABOVE else "false")


async def submit_spam(request: Request) -> Response:
    """Keep that somebody calls a comment spam."""
    return await _submit(request, 1.0)


async def submit_ham(request: Request) -> Response:
    """Keep that somebody calls a comment no spam."""
    return await _submit(request, 0.0)


async def limit(request: Request) -> Response:
    """Tell how much of the key's limit is used, in the longest of the times that it counts."""
    key = await _key(request, request.query_params)
    most, used = usage(web_of(request).newsroom, key)
    told = {"limit": most, "usage": used, "percentage": f"{100 * used / most:.2f}", "throttled": used >= most}
    return json(told, headers={"cache-control": "no-store"})


async def _submit(request: Request, spam: float) -> Response:
    fields = await read_form(request, MOST_BODY)
    key = await _key(request, fields)
    _check_fields(fields)
    kept = {name: fields.get(name, "") for name in ("comment_content", "permalink")}
    if not kept["comment_content"].strip() or "\0" in "".join(kept.values()):
        raise errors.InvalidInput("The value of comment_content is empty or not text.")
    await keep_feedback(
        web_of(request).newsroom,
        key,
        protocol="akismet",
        text=kept["comment_content"],
        labels={"spam": spam},
        reference=kept["permalink"],
    )
    return _word(THANKS)


async def _key(request: Request, fields: Mapping[str, str]) -> Key:
    """Check the key: of either name, or the first part of the host as in `KEY.rest.akismet.com`."""
    in_host = _KEY_IN_HOST.match(request.headers.get("host", ""))
    secret = fields.get("api_key") or fields.get("key") or (in_host[1].lower() if in_host else "")
    return await check_key(web_of(request).newsroom, secret, Scope.JUDGE)


def _check_fields(fields: Mapping[str, str]) -> None:
    if not fields.get("blog"):
        raise errors.InvalidInput("Missing required field: blog.")
    if not any(fields.get(name, "").strip() for name in ("comment_content", "comment_author", "comment_author_url")):
        raise errors.InvalidInput("Missing required field: comment_content.")
    if len(fields.get("comment_content", "").encode()) > MOST_TEXT:
        raise errors.InvalidInput(f"The value of comment_content has more than {MOST_TEXT} bytes.")


def _any(fields: Mapping[str, str], known: Mapping[str, str]) -> bool:
    return any(fields.get(name) == value for name, value in known.items())


async def _of_content(request: Request, key: Key, fields: Mapping[str, str]) -> float:
    """The probability that what was written is promotion, or that it is flooding."""
    text = fields.get("comment_content", "")
    if not text.strip():
        return 0.0
    web = web_of(request)
    who = fields.get("comment_author_email") or f"{fields.get('comment_author', '')}\0{fields.get('user_ip', '')}"
    decision, evidence = await judge_elsewhere(
        web.newsroom,
        web.lately,
        Submission(text=text),
        place=f"{key.id} {fields.get('permalink') or fields['blog']}",
        author=f"{key.id} {who}",
        again=bool(fields.get("recheck_reason") or fields.get("is_test")),
    )
    check_heard(evidence)
    flooding = [one.scores.get("*", 0.0) for one in evidence.observations if one.signal == repetition.NAME]
    return max(decision.scores.get("promotion") or 0.0, *flooding)


async def _of_author(request: Request, fields: Mapping[str, str]) -> float:
    """The probability that the author's name and address are promotion."""
    text = f"{fields.get('comment_author', '')} {fields.get('comment_author_url', '')}".strip()[:MOST_TEXT]
    if not fields.get("comment_author_url"):
        return 0.0
    decision, evidence = await judge_now(web_of(request).newsroom, Submission(text=text))
    check_heard(evidence)
    return decision.scores.get("promotion") or 0.0


def refuse(error: errors.MajlisError) -> Response:
    """Return an error of ours as Akismet would tell it: `invalid` for a key, else what is wrong; both in a header."""
    why = error.detail.encode("ascii", "replace").decode()
    told = {"x-akismet-debug-help": why}
    match error:
        case errors.ApiKeyInvalid() | errors.Forbidden():
            return _word("invalid", 200, told)
        case errors.TooManyRequests():
            return _word(why, 429, told | {"retry-after": str(error.retry_after)})
        case errors.NotFound() | errors.MethodNotAllowed() | errors.TooLarge():
            return _word(why, error.status, told)
        case _:
            return _word(why, error.status if error.status >= 500 else 200, told)


def _word(word: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        word, status_code=status, media_type="text/plain", headers={"cache-control": "no-store", **(headers or {})}
    )


routes = [
    address("/1.1/verify-key", "POST", verify, refuse),
    address("/1.1/comment-check", "POST", check, refuse),
    address("/1.1/submit-spam", "POST", submit_spam, refuse),
    address("/1.1/submit-ham", "POST", submit_ham, refuse),
    address("/1.2/usage-limit", "GET", limit, refuse),
    *(nowhere(path, refuse) for path in PATHS),
]
