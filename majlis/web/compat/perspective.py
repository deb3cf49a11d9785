"""Perspective's Comment Analyzer API, v1alpha1: analyze, suggestscore and the discovery document.

Messages and limits are those that Google's service answered with; clients read them. It makes no score of its own:
every attribute is the strongest of some clauses (ATTRIBUTES), and one that cannot be made of clauses is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from majlis import errors
from majlis.domain.decision import Decision, Finding, Submission
from majlis.domain.guidelines import CLAUSES
from majlis.domain.site import LANGUAGES
from majlis.services.feedback import keep_feedback
from majlis.services.judgement import check_heard, judge_now
from majlis.services.keys import Scope, check_key
from majlis.store.keys import Key
from majlis.web.compat.google import Fault, fault, refuse
from majlis.web.compat.perspective_types import (
    ANALYZE,
    SUGGEST,
    AnalyzeCommentRequest,
    AnalyzeCommentResponse,
    AttributeScores,
    Context,
    Score,
    SpanScore,
    SuggestCommentScoreRequest,
    SuggestCommentScoreResponse,
    TextEntry,
    discovery,
)
from majlis.web.compat.protocol import address, nowhere
from majlis.web.compat.scale import evened
from majlis.web.context import web_of
from majlis.web.http import bearer, decode_json, json, read_body

PATHS = ("/v1alpha1/", "/$discovery/")
MOST_TEXT = 20_480
MOST_BODY = 4 * 1024 * 1024
"""A context may be long; the text itself may not."""

_HATE = ("sexism", "racism", "homophobia", "xenophobia")
_ABUSE = ("profanity", "vulgarity", "threat", "personal-attack", *_HATE)
LIKELY_TO_REJECT = "LIKELY_TO_REJECT"
OFF_TOPIC = "OFF_TOPIC"
_PRODUCTION: dict[str, tuple[str, ...]] = {
    "TOXICITY": _ABUSE,
    "SEVERE_TOXICITY": ("threat", *_HATE),
    "IDENTITY_ATTACK": _HATE,
    "INSULT": ("personal-attack",),
    "PROFANITY": ("profanity",),
    "THREAT": ("threat",),
}
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    **_PRODUCTION,
    **{f"{name}_EXPERIMENTAL": clauses for name, clauses in _PRODUCTION.items()},
    "ATTACK_ON_AUTHOR": ("personal-attack",),
    "ATTACK_ON_COMMENTER": ("personal-attack",),
    "INFLAMMATORY": ("threat", "personal-attack", *_HATE),
    "OBSCENE": ("profanity", "vulgarity"),
    "SPAM": ("promotion",),
    OFF_TOPIC: ("off-topic",),
    LIKELY_TO_REJECT: CLAUSES,
}
"""Of which clauses each attribute is the strongest. LIKELY_TO_REJECT is the probability of any rejection."""


async def analyze(request: Request) -> Response:
    """Judge a text and answer with the attributes that were asked for. Nothing is stored."""
    await _key(request)
    sent = decode_json(await read_body(request, MOST_BODY), AnalyzeCommentRequest)
    comment = sent.comment or TextEntry()
    wrong = _wrong_text(comment, sent.context) or _wrong_request(request, sent)
    if wrong:
        return fault(wrong)
    submission = Submission(text=comment.text or "", language=_hint(sent.languages), **_about(sent.context))
    decision, evidence = await judge_now(web_of(request).newsroom, submission)
    check_heard(evidence)
    if not sent.languages and decision.language not in LANGUAGES:
        return fault(_undetected(decision.language, next(iter(sent.requested_attributes or ()))))
    decision, scores = evened(decision), {}
    for name, asked in (sent.requested_attributes or {}).items():
        found = _scores(decision, name, submission.text, spans=bool(sent.span_annotations))
        least = asked.score_threshold if asked else None
        if least is None or _value(decision, name) >= least:
            scores[name] = found
    detected = [] if decision.language == "und" else [decision.language]
    answer = AnalyzeCommentResponse(
        attribute_scores=scores,
        languages=sent.languages or detected,
        detected_languages=detected,
        client_token=sent.client_token,
    )
    return json(answer, headers={"cache-control": "no-store"})


async def suggest(request: Request) -> Response:
    """Keep the scores that somebody says a text should have had."""
    key = await _key(request)
    newsroom = web_of(request).newsroom
    sent = decode_json(await read_body(request, MOST_BODY), SuggestCommentScoreRequest)
    comment = sent.comment or TextEntry()
    wrong = _wrong_text(comment, sent.context) or _wrong_suggestion(request, sent)
    if wrong:
        return fault(wrong)
    text = comment.text or ""
    found = await asyncio.get_running_loop().run_in_executor(
        newsroom.pool, lambda: newsroom.signals().language.find(text, _hint(sent.languages))
    )
    await keep_feedback(
        newsroom,
        key,
        protocol="perspective",
        text=text,
        labels={name: _label(one or AttributeScores()) for name, one in (sent.attribute_scores or {}).items()},
        language=found.language,
        reference=" ".join(part for part in (sent.community_id, sent.client_token) if part),
        about=_about(sent.context).get("parent", ""),
    )
    answer = SuggestCommentScoreResponse(
        client_token=sent.client_token,
        requested_languages=sent.languages or [],
        detected_languages=[] if found.language == "und" else [found.language],
    )
    return json(answer, headers={"cache-control": "no-store"})


async def describe(request: Request) -> Response:
    """Return the discovery document."""
    if request.query_params.get("version") != "v1alpha1":
        raise errors.NotFound("There is no such version.")
    return json(discovery(web_of(request).public_origin), headers={"cache-control": "no-cache"})


async def _key(request: Request) -> Key:
    secret = request.query_params.get("key") or request.headers.get("x-goog-api-key") or bearer(request)
    if not secret:
        raise errors.LoginRequired("The request has no key.")
    return await check_key(web_of(request).newsroom, secret, Scope.JUDGE)


def _wrong_text(comment: TextEntry, context: Context | None) -> Fault | None:
    """What is wrong with a text or with what surrounds it, in the order in which Google looks."""
    if not (comment.text or "").strip():
        return Fault("COMMENT_EMPTY", "Comment must be non-empty.")
    if len((comment.text or "").encode()) > MOST_TEXT:
        return Fault("COMMENT_TOO_LONG", "Comment text too long.")
    if context and context.entries and context.article_and_parent_comment:
        return Fault(
            "INVALID_REQUEST",
            "Context can have either entries or article_and_parent_comment, but both fields were populated.",
        )
    for entry in (comment, *_entries(context)):
        if entry.type == "HTML":
            return Fault("INVALID_REQUEST", "Currently, only 'PLAIN_TEXT' comments are supported")
        if entry.type not in {None, "PLAIN_TEXT", "TEXT_TYPE_UNSPECIFIED"}:
            return Fault("INVALID_REQUEST", "Unknown text type")
    return None


def _wrong_request(request: Request, sent: AnalyzeCommentRequest) -> Fault | None:
    if not sent.requested_attributes:
        return Fault("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")
    unknown = _unknown(request, sent.requested_attributes)
    if unknown:
        return unknown
    for name, asked in sent.requested_attributes.items():
        kind = asked.score_type if asked else None
        if kind not in {None, "PROBABILITY", "SCORE_TYPE_UNSPECIFIED"}:
            return Fault("INVALID_REQUEST", f"Requested score type {kind} is not supported by attribute {name}")
    if OFF_TOPIC in sent.requested_attributes and not any(_about(sent.context).values()):
        return Fault("INVALID_REQUEST", f"Attribute {OFF_TOPIC} needs the context that the comment is about")
    strange = [tag for tag in sent.languages or () if not _is_judged(tag)]
    if sent.languages and len(strange) == len(sent.languages):
        return _unsupported(next(iter(sent.requested_attributes)), requested=strange)
    return None


def _wrong_suggestion(request: Request, sent: SuggestCommentScoreRequest) -> Fault | None:
    if not sent.attribute_scores:
        return Fault("INVALID_REQUEST", "Missing attribute_scores")
    kept = (sent.comment and sent.comment.text, sent.client_token, sent.community_id, *_about(sent.context).values())
    if any("\0" in (part or "") for part in kept):
        return Fault("INVALID_REQUEST", "The request holds a null character, which is not text")
    for name, scores in sent.attribute_scores.items():
        if not 0 <= _label(scores or AttributeScores()) <= 1:
            return Fault("INVALID_REQUEST", f"The suggested score of {name} is not between 0 and 1")
    return _unknown(request, sent.attribute_scores)


def _unknown(request: Request, names: Iterable[str]) -> Fault | None:
    """An attribute that nothing stands for under the newsroom's own guidelines is as unknown as any other."""
    newsroom = web_of(request).newsroom
    clauses = {clause.id for clause in newsroom.guidelines_for(newsroom.language).clauses}
    for name in names:
        if clauses.isdisjoint(ATTRIBUTES.get(name, ())):
            return Fault("INVALID_REQUEST", f"Unknown requested attribute: {name}")
    return None


def _unsupported(attribute: str, *, requested: list[str] | None = None, detected: list[str] | None = None) -> Fault:
    tags = requested or detected or []
    return Fault(
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        f"Attribute {attribute} does not support request languages: {', '.join(tags)}",
        {
            "languageNotSupportedByAttributeError": {
                "attribute": attribute,
                **({"requestedLanguages": requested} if requested else {"detectedLanguages": tags}),
            }
        },
    )


def _undetected(language: str, attribute: str) -> Fault:
    if language == "und":
        return Fault("LANGUAGE_DETECTION_FAILED", "Unable to detect language")
    return _unsupported(attribute, detected=[language])


def _is_judged(tag: str) -> bool:
    return tag.replace("_", "-").split("-")[0].lower() in {*LANGUAGES, "ku"}


def _hint(languages: list[str] | None) -> str | None:
    """The language to assume where the text leaves it open. `ku` is either Kurdish, which the letters tell apart."""
    tags = [tag.replace("_", "-").split("-")[0].lower() for tag in languages or ()]
    return next((tag for tag in tags if tag in LANGUAGES), None)


def _entries(context: Context | None) -> list[TextEntry]:
    if context is None:
        return []
    both = context.article_and_parent_comment
    return [*(context.entries or ()), *(one for one in (both and both.article, both and both.parent_comment) if one)]


def _about(context: Context | None) -> dict[str, Any]:
    """The fields of a submission that a context fills: the article, and the message that is answered."""
    if context is None:
        return {}
    both = context.article_and_parent_comment
    if both is None:
        return {"parent": context.entries[-1].text or ""} if context.entries else {}
    article, parent = both.article or TextEntry(), both.parent_comment or TextEntry()
    return {"summary": article.text or "", "parent": parent.text or ""}


def _value(decision: Decision, name: str) -> float:
    if name == LIKELY_TO_REJECT:
        return decision.score
    return max(decision.scores.get(clause) or 0.0 for clause in ATTRIBUTES[name])


def _scores(decision: Decision, name: str, text: str, *, spans: bool) -> AttributeScores:
    value = _value(decision, name)
    found = [one for one in decision.findings if one.clause in ATTRIBUTES[name]] if spans else []
    return AttributeScores(
        summary_score=_score(value),
        span_scores=_spans(found, text) or [SpanScore(begin=0, end=_utf16(text), score=_score(value))],
    )


def _spans(findings: list[Finding], text: str) -> list[SpanScore]:
    best: dict[tuple[int, int], float] = {}
    for one in findings:
        place = (one.start, one.end)
        best[place] = max(best.get(place, 0.0), one.score)
    return [
        SpanScore(begin=_utf16(text[:start]), end=_utf16(text[:end]), score=_score(score))
        for (start, end), score in best.items()
    ]


def _score(value: float) -> Score:
    return Score(value=round(value, 7), type="PROBABILITY")


def _utf16(text: str) -> int:
    """The length of a text in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def _label(scores: AttributeScores) -> float:
    """The score that was suggested: of the whole, or else the strongest of its parts. Unset is 0, as everywhere."""
    whole = scores.summary_score
    if whole is not None:
        return whole.value or 0.0
    return max((span.score.value or 0.0 for span in scores.span_scores or () if span.score), default=0.0)


routes = [
    address(f"/{ANALYZE}", "POST", analyze, refuse),
    address(f"/{SUGGEST}", "POST", suggest, refuse),
    address("/$discovery/rest", "GET", describe, refuse),
    *(nowhere(path, refuse) for path in PATHS),
]
