"""The comment form: reading what came, and saying in the reader's language what is wrong with it. It stores nothing."""

from __future__ import annotations

import math
from hashlib import sha256

import msgspec

from majlis import errors
from majlis.domain.text import is_blank
from majlis.services import proof
from majlis.services.limits import Act
from majlis.services.newsroom import Bounds, Newsroom
from majlis.services.submit import Draft, Proof
from majlis.web.words import Words

HONEYPOT = "website"
"""A field that people do not see and programs like to fill in."""

FIELDS = {"author.name": "name", "author.email": "email", "body": "body", HONEYPOT: HONEYPOT}


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """A form as it came. `story` is the address of a story that is perhaps not known here yet."""

    name: str = ""
    email: str = ""
    body: str = ""
    parent: str = ""
    lang: str = ""
    token: str = ""
    proof: str = ""
    website: str = ""
    story: str = ""
    title: str = ""
    view: str = ""
    theme: str = ""


def read(fields: dict[str, str]) -> Sent:
    """Return the form's fields; others are not looked at. Browsers send line breaks as CR LF; a comment has LF."""
    known = {name: fields[name] for name in Sent.__struct_fields__ if name in fields}
    return Sent(**known | {"body": known.get("body", "").replace("\r\n", "\n")})


def draft(newsroom: Newsroom, sent: Sent, *, url: str, story: str, address: str) -> Draft:
    """Return what is submitted, once the sender has proved some work or some time.

    Raises:
        errors.InvalidInput: the field that nobody sees was filled in.
        errors.FormStale, errors.FormTooQuick: neither a valid proof of work nor a form that was open long enough.
    """
    if sent.website:
        raise errors.InvalidInput("The field website has to be empty.", field=HONEYPOT)
    act, shown = _proved(newsroom, sent, story)
    content = msgspec.json.encode([sent.name, sent.email, sent.body, sent.parent, url])
    return Draft(
        url=url,
        title=sent.title,
        body=sent.body,
        name=sent.name,
        email=sent.email or None,
        parent=sent.parent or None,
        address=address,
        act=act,
        proof=shown,
        # A form that is sent twice by a double click is one comment, and both answers tell of it.
        idempotency_key="form-" + newsroom.keyed_hash("form", sent.token),
        request_hash=sha256(content).hexdigest(),
    )


def _proved(newsroom: Newsroom, sent: Sent, story: str) -> tuple[Act, Proof]:
    if sent.proof:
        try:
            return Act.COMMENT, proof.check_work(newsroom, sent.proof)
        except errors.ProofInvalid:
            pass
    return Act.PLAIN_FORM, proof.check_form(newsroom, sent.token, story)


def keeps_token(error: errors.MajlisError) -> bool:
    """Whether the same form may be sent again after an error: it was not used, or it only came too early."""
    return not isinstance(error, errors.ProofInvalid | errors.IdempotencyConflict | errors.FormStale)


def problems_of(
    words: Words, language: str, error: errors.MajlisError, *, sent: Sent, newsroom: Newsroom
) -> dict[str, str]:
    """Return what is wrong in the reader's language, by field; the empty name is the form as a whole.

    Where one field is to blame the others are looked at too, so that nobody is sent back twice.
    """
    blamed = FIELDS.get(error.field or "", "")
    if isinstance(error, errors.InvalidInput) and blamed:
        blank = {"body": is_blank(sent.body), "name": is_blank(sent.name)}
        blank["email"] = newsroom.email_required and not sent.email
        wrong = [name for name in (*blank, HONEYPOT) if name == blamed or blank.get(name)]
        return {name: _field(words, language, name, sent, newsroom.bounds) for name in wrong}
    if isinstance(error, errors.TooManyRequests):
        return {"": minutes(words, language, error)}
    return {"": words.say(language, _WHOLE.get(error.code, _UNKNOWN))}


def minutes(words: Words, language: str, error: errors.TooManyRequests) -> str:
    """Return when it is worth trying again."""
    return words.say_many(
        language,
        "Too many comments in a short time; try again in %(n)s minute.",
        "Too many comments in a short time; try again in %(n)s minutes.",
        math.ceil(error.retry_after / 60),
    )


_UNKNOWN = "Something went wrong. What you typed is still here."
_AGAIN = "The form was open too long; please send it again."
_WHOLE = {
    "form-stale": _AGAIN,
    "form-too-quick": "Please wait a moment before sending.",
    "proof-invalid": _AGAIN,
    "idempotency-conflict": _AGAIN,
    "story-closed": "Comments on this story are closed.",
    "parent-not-found": "The comment you reply to is no longer there.",
    "story-not-found": "This story is not known here.",
    "store-unavailable": "Comments cannot be stored right now. Please try again in a moment.",
    "overloaded": "Comments cannot be stored right now. Please try again in a moment.",
}


def _field(words: Words, language: str, name: str, sent: Sent, bounds: Bounds) -> str:
    if name == HONEYPOT:
        return words.say(language, "Please leave this field empty.")
    value: str = getattr(sent, name)
    if name == "email":
        message = "This e-mail address does not look right." if value else "Please write your e-mail address."
        return words.say(language, message)
    blank, long, most = {
        "name": (
            "Please write your name.",
            "The name is too long: %(n)s of at most %(max)s characters.",
            bounds.name_characters,
        ),
        "body": (
            "Please write a comment.",
            "The comment is too long: %(n)s of at most %(max)s characters.",
            bounds.body_characters,
        ),
    }[name]
    if is_blank(value):
        return words.say(language, blank)
    if len(value) > most:
        return words.say(language, long, n=len(value), max=most)
    return words.say(language, "Some characters cannot be read. Please type them again.")
