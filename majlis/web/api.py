"""The reader's JSON API, `/api/v1`, as the contract has it. Threads are served by web.threads before these routes."""

from __future__ import annotations

from hashlib import sha256

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from majlis import errors
from majlis.interchange import judgement_line
from majlis.services import author, proof, react, thread
from majlis.services.judgement import judge_now
from majlis.services.keys import Scope, check_key
from majlis.services.limits import Act
from majlis.services.newsroom import Newsroom
from majlis.services.stories import counts, look_up
from majlis.services.submit import Draft, Outcome, submit
from majlis.web import types
from majlis.web.context import address_of, web_of
from majlis.web.http import bearer, json, read_body, read_json
from majlis.web.live import EventStream
from majlis.web.present import appeal_out, decision_out, guidelines_out, latest_out, receipt_out

MOST_COUNTS = 100
MOST_KEY = 200
NO_STORE = {"cache-control": "no-store"}


async def post_comment(request: Request) -> Response:
    """Submit a comment."""
    web = web_of(request)
    newsroom = web.newsroom
    sent = await read_json(request, types.CommentIn)
    key = bearer(request)
    owner = await check_key(newsroom, key, Scope.WRITE) if key is not None else None
    trusted = owner is not None
    address = address_of(request)
    repeatable = _idempotency_key(request, owner.id if owner else newsroom.keyed_hash("address", address))
    draft = Draft(
        url=sent.story.url,
        title=sent.story.title,
        body=sent.body,
        name=sent.author.name,
        email=sent.author.email,
        parent=sent.parent,
        language=sent.language,
        address=address,
        trusted=trusted,
        proof=None if trusted else proof.check_work(newsroom, sent.proof or ""),
        idempotency_key=repeatable,
        request_hash=_hash(sent) if repeatable else "",
    )
    outcome = await submit(newsroom, draft)
    body = types.Posted(
        id=outcome.comment.id,
        status=outcome.comment.status.value,
        receipt=f"{web.public_origin}/receipts/{author.receipt_token(newsroom, outcome.comment.id)}",
        decision=await _decision(newsroom, outcome),
    )
    return json(body, 201, NO_STORE)


async def _decision(newsroom: Newsroom, outcome: Outcome) -> types.DecisionOut | None:
    if outcome.record is None:
        return None
    story = await thread.story_with_id(newsroom, outcome.comment.story)
    return decision_out(outcome.record, outcome.comment, newsroom.guidelines_for(story.language))


def _idempotency_key(request: Request, sender: str) -> str | None:
    """Return the key of a request, which is its sender's own: two programs may both begin at 1."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not 0 < len(key) <= MOST_KEY:
        raise errors.InvalidInput(
            f"The Idempotency-Key has {len(key)} characters; between 1 and {MOST_KEY} are allowed.",
            field="Idempotency-Key",
        )
    return f"{sender} {key}"


def _hash(sent: types.CommentIn) -> str:
    """Return what tells a request from another one with the same key; a proof is new each time."""
    return sha256(msgspec.json.encode(msgspec.structs.replace(sent, proof=None))).hexdigest()


async def get_events(request: Request) -> Response:
    """Tell of new revisions of a thread as Server-Sent Events."""
    web = web_of(request)
    story = await look_up(web.newsroom, _required(request, "story"))
    if web.live.full:
        raise errors.StoreUnavailable("Too many readers are watching; reload instead.")
    return EventStream(web.live, story.id, story.revision)


async def get_stories(request: Request) -> Response:
    """Return The Latest."""
    web = web_of(request)
    language = request.query_params.get("lang") or None
    found = await thread.latest(
        web.newsroom, language=language[:40] if language else None, limit=number(request, "limit", 20)
    )
    return json([latest_out(story, web.public_origin) for story in found], headers={"cache-control": "no-cache"})


async def get_counts(request: Request) -> Response:
    """Return how many published comments stories have; a story that is not known here has none."""
    web = web_of(request)
    asked = request.query_params.getlist("story")
    if len(asked) > MOST_COUNTS:
        raise errors.InvalidInput(f"{len(asked)} stories were asked for; at most {MOST_COUNTS} are.", field="story")
    return json(await counts(web.newsroom, asked), headers={"cache-control": "no-cache"})


async def get_challenge(request: Request) -> Response:
    """Return a challenge whose solution goes into `proof`."""
    web = web_of(request)
    web.newsroom.limits.spend(Act.CHALLENGE, address_of(request))
    return json(proof.challenge(web.newsroom), headers=NO_STORE)


async def get_receipt(request: Request) -> Response:
    """Return what the author may see."""
    return await _receipt(request, await author.receipt(web_of(request).newsroom, request.path_params["token"]))


async def post_withdrawal(request: Request) -> Response:
    """Withdraw one's own comment."""
    web = web_of(request)
    web.newsroom.limits.spend(Act.OBJECT, address_of(request))
    return await _receipt(request, await author.withdraw(web.newsroom, request.path_params["token"]))


async def _receipt(request: Request, receipt: author.Receipt) -> Response:
    web = web_of(request)
    address = f"{web.public_origin}/api/v1/receipts/{request.path_params['token']}"
    guidelines = web.newsroom.guidelines_for(receipt.story_language)
    return json(receipt_out(receipt, guidelines, address), headers=NO_STORE)


async def post_appeal(request: Request) -> Response:
    """Object to a rejection."""
    web = web_of(request)
    sent = await read_json(request, types.AppealIn)
    web.newsroom.limits.spend(Act.OBJECT, address_of(request))
    made = await author.appeal(web.newsroom, request.path_params["token"], sent.reason)
    return json(appeal_out(made), 201, NO_STORE)


async def post_report(request: Request) -> Response:
    """Report a published comment."""
    sent = await read_json(request, types.ReportIn)
    await react.report(
        web_of(request).newsroom,
        comment=request.path_params["id"],
        clause=sent.clause,
        reason=sent.reason,
        reporter=sent.reporter,
        address=address_of(request),
    )
    return json(types.Accepted(), 202, NO_STORE)


async def put_like(request: Request) -> Response:
    """Like a published comment, or take the like back."""
    sent = await read_json(request, types.LikeIn)
    likes = await react.like(
        web_of(request).newsroom,
        comment=request.path_params["id"],
        reader=sent.reader,
        address=address_of(request),
        liked=request.method == "PUT",
    )
    return json(types.Liked(likes=likes), headers=NO_STORE)


async def get_guidelines(request: Request) -> Response:
    """Return the written guidelines in a language, or in the site's own."""
    web = web_of(request)
    language = web.words.known(request.query_params.get("lang")) or web.newsroom.language
    return json(guidelines_out(web.newsroom.guidelines_for(language)), headers={"cache-control": "no-cache"})


async def post_judgement(request: Request) -> Response:
    """Judge one line of `majlis judge`; nothing is stored."""
    web = web_of(request)
    newsroom = web.newsroom
    await check_key(newsroom, bearer(request) or "", Scope.JUDGE)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise errors.UnsupportedMedia("The body is not application/json.", hint="Send application/json.")
    line = judgement_line.decode(await read_body(request), exact=True)
    if isinstance(line, judgement_line.BadLine):
        raise errors.InvalidInput(line.error)
    decision, _ = await judge_now(newsroom, line.submission)
    return json(judgement_line.render(line.id, decision), headers=NO_STORE)


def _required(request: Request, name: str) -> str:
    value = request.query_params.get(name)
    if not value:
        raise errors.InvalidInput(f"The parameter {name} is missing.", field=name)
    return value


def number(request: Request, name: str, default: int) -> int:
    """Return a whole number from the query. Raises errors.InvalidInput."""
    value = request.query_params.get(name)
    if value is None:
        return default
    if not value.isascii() or not value.isdigit() or len(value) > 9:
        raise errors.InvalidInput(f"The value of {name} is not a whole number.", field=name)
    return int(value)
