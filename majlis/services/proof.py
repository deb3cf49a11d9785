"""Proof that a sender spent some work (altcha) or some time (a signed form token) before a comment is taken.

Both can be spent once; spending is the store's, in the transaction of the comment.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import msgspec
from altcha import v1
from itsdangerous import BadSignature, URLSafeSerializer

from majlis import errors
from majlis.services.newsroom import Newsroom
from majlis.services.submit import Proof

WORK = 30_000
"""The most hashes that a challenge asks for: half of them on average, well under a second on an old phone."""

CHALLENGE_MS = 20 * 60 * 1000
FORM_MS = 12 * 3600 * 1000
FORM_LEAST_MS = 3_000
"""A form that comes back faster than this was not filled in by a person."""


class Challenge(msgspec.Struct, frozen=True, kw_only=True):
    """An altcha challenge: find `number` <= `maxnumber` so that SHA-256(salt + number) is `challenge`.

    The solution is base64 of the JSON of algorithm, challenge, number, salt and signature (altcha.org, version 1).
    """

    algorithm: str
    challenge: str
    maxnumber: int
    salt: str
    signature: str


def challenge(newsroom: Newsroom) -> Challenge:
    """Return a new challenge."""
    expires = datetime.fromtimestamp((newsroom.now() + CHALLENGE_MS) / 1000, UTC)
    options = v1.ChallengeOptions(
        algorithm="SHA-256", max_number=WORK, hmac_key=_key(newsroom, "altcha"), expires=expires
    )
    made = v1.create_challenge(options)
    return Challenge(
        algorithm=made.algorithm,
        challenge=made.challenge,
        maxnumber=WORK,
        salt=made.salt,
        signature=made.signature,
    )


def check_work(newsroom: Newsroom, solution: str) -> Proof:
    """Return the proof that a solution is. Raises errors.ProofInvalid."""
    try:
        right, _ = v1.verify_solution(solution, _key(newsroom, "altcha"), check_expires=False)
        salt = str(msgspec.json.decode(base64.b64decode(solution), type=dict[str, Any])["salt"])
        expires_at = int(parse_qs(salt.partition("?")[2])["expires"][0]) * 1000
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, msgspec.MsgspecError):
        right, expires_at = False, 0
    if not right or expires_at < newsroom.now():
        raise errors.ProofInvalid(
            "The proof of work is missing, wrong or out of date.",
            hint="Ask GET /api/v1/challenge for a new one and send its solution.",
            field="proof",
        )
    return Proof(value=solution, expires_at=expires_at)


def form_token(newsroom: Newsroom, story: str) -> str:
    """Return the token that a form for a story carries."""
    return str(_serializer(newsroom).dumps([story, newsroom.now(), newsroom.random(6).hex()]))


def check_form(newsroom: Newsroom, token: str, story: str) -> Proof:
    """Return the proof that an untouched form is, once it was open long enough.

    Raises:
        errors.FormStale: not made here, for another story, or too old. errors.FormTooQuick: not old enough.
    """
    try:
        for_story, made_at, _ = _serializer(newsroom).loads(token)
    except (BadSignature, ValueError, TypeError):
        raise errors.FormStale("The form token is missing or was not made here.", hint="Send the form again.") from None
    age = newsroom.now() - int(made_at)
    if for_story != story or age > FORM_MS:
        raise errors.FormStale("The form was open too long.", hint="Send it again.")
    if 0 <= age < FORM_LEAST_MS:  # one from the future was made before the clock was set back
        raise errors.FormTooQuick("The form came back too quickly.", hint="Wait a moment and send it again.")
    return Proof(value=token, expires_at=int(made_at) + FORM_MS)


def _serializer(newsroom: Newsroom) -> URLSafeSerializer:
    return URLSafeSerializer(newsroom.secret, salt="form")


def _key(newsroom: Newsroom, purpose: str) -> str:
    return newsroom.keyed_hash("key", purpose)
