"""Coral's external moderation phase: a signed request for each comment, and what Coral is to do with it.

Coral publishes where the phase does not answer or answers with an error. So whatever goes wrong after the signature was
found right is answered with PREMOD, upon which Coral holds the comment for its own moderators.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from majlis import errors
from majlis.domain.decision import Decision, Submission, Verdict
from majlis.domain.guidelines import Guidelines
from majlis.interchange.archive import typed
from majlis.services.elsewhere import judge_elsewhere, words_of
from majlis.services.stories import look_up
from majlis.web.compat.protocol import address, nowhere
from majlis.web.context import Web, web_of
from majlis.web.http import decode_json, json, read_body

PATHS = ("/coral/",)
HOLD: dict[str, Any] = {"status": "PREMOD"}
REASONS = {
    "profanity": "OFFENSIVE",
    "vulgarity": "OFFENSIVE",
    "threat": "ABUSIVE",
    "personal-attack": "HARASSMENT_BULLYING",
    "sexism": "HATE_SPEECH",
    "racism": "HATE_SPEECH",
    "homophobia": "HATE_SPEECH",
    "xenophobia": "HATE_SPEECH",
    "promotion": "AD",
    "off-topic": "IRRELEVANT_CONTENT",
}
"""Coral's reason for each clause. Private data, and clauses of a newsroom's own, are OTHER with their title."""

FLAGS = {
    **{clause: "COMMENT_DETECTED_TOXIC" for clause in REASONS if clause != "off-topic"},
    "promotion": "COMMENT_DETECTED_SPAM",
}
"""What Coral's moderators are shown beside a comment that is held."""


class _Comment(msgspec.Struct, frozen=True, kw_only=True):
    body: str
    parent: str | None = msgspec.field(default=None, name="parentID")


class _Author(msgspec.Struct, frozen=True, kw_only=True):
    id: str


class _Story(msgspec.Struct, frozen=True, kw_only=True):
    url: str


class PhaseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What Coral tells of a comment. Later versions may tell more."""

    action: str
    comment: _Comment
    author: _Author
    story: _Story


async def moderate(request: Request) -> Response:
    """Judge a comment that Coral is about to keep. Nothing is stored."""
    web = web_of(request)
    body = await read_body(request)
    if not is_signed(body, request.headers.get("x-coral-signature", ""), web.coral_secrets):
        raise errors.ApiKeyInvalid("The signature is not one of this body.", hint="See coral_secrets.")
    sent = decode_json(body, PhaseRequest)
    text = typed(sent.comment.body) if request.query_params.get("format") == "html" else sent.comment.body
    if not text.strip():
        return _answer(HOLD)
    title, teaser = await _story(web, sent.story.url)
    parent = await words_of(web.newsroom, source="coral", key=sent.comment.parent) if sent.comment.parent else ""
    decision, _ = await judge_elsewhere(
        web.newsroom,
        web.lately,
        Submission(text=text, title=title, summary=teaser, parent=parent),
        place=f"coral {sent.story.url}",
        author=f"coral {sent.author.id}",
        again=sent.action == "EDIT",
    )
    return _answer(_told(decision, web.newsroom.guidelines_for(decision.language), text))


def is_signed(body: bytes, header: str, secrets: tuple[str, ...]) -> bool:
    """Return whether one of the signatures in a header, as in `sha256=HEX,sha256=HEX`, is of this body by a secret."""
    signatures = [part.strip().removeprefix("sha256=") for part in header.split(",")]
    made = [hmac.new(secret.encode(), body, sha256).hexdigest() for secret in secrets]
    return any(hmac.compare_digest(one.encode(), other.encode()) for one in signatures for other in made)


async def _story(web: Web, url: str) -> tuple[str, str]:
    """Title and teaser of the story, empty where it is not known here."""
    try:
        story = await look_up(web.newsroom, url)
    except (errors.StoryNotFound, errors.InvalidInput):
        return "", ""
    return story.title, story.teaser


def _told(decision: Decision, guidelines: Guidelines, text: str) -> dict[str, Any]:
    """What Coral is to do: publish, reject with a reason, or hold with a flag that its moderators know."""
    if decision.verdict is Verdict.APPROVE:
        return {"status": "APPROVED"}
    worst = max(decision.clauses, key=lambda clause: decision.scores[clause] or 0.0, default="")
    if decision.verdict is Verdict.REFER:
        flag = FLAGS.get(worst)
        return HOLD | ({"actions": [{"actionType": "FLAG", "reason": flag}]} if flag else {})
    reason = {"code": REASONS.get(worst, "OTHER"), "detailedExplanation": _why(decision, guidelines, text)}
    if worst not in REASONS:
        reason["customReason"] = _title(guidelines, worst)
    return {"status": "REJECTED", "moderationAction": {"status": "REJECTED", "rejectionReason": reason}}


def _why(decision: Decision, guidelines: Guidelines, text: str) -> str:
    """The clauses that were cited, each with the exact words."""
    lines = []
    for clause in decision.clauses:
        places = dict.fromkeys((one.start, one.end) for one in decision.findings if one.clause == clause)
        quotes = ", ".join(f"“{text[start:end]}”" for start, end in places)
        lines.append(f"{_title(guidelines, clause)}: {quotes}")
    return "\n".join(lines)


def _title(guidelines: Guidelines, id: str) -> str:
    clause = guidelines.clause(id)
    return clause.title if clause else id


def refuse(error: errors.MajlisError) -> Response:
    """Return an error as Coral needs it: held, unless the request was not Coral's."""
    match error:
        case errors.ApiKeyInvalid() | errors.NotFound() | errors.MethodNotAllowed():
            return json({"error": error.detail}, error.status)
        case _:
            return _answer(HOLD)


def _answer(told: dict[str, Any]) -> Response:
    return json(told, headers={"cache-control": "no-store"})


routes = [
    address("/coral/moderation", "POST", moderate, refuse),
    *(nowhere(path, refuse) for path in PATHS),
]
