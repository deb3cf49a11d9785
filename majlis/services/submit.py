"""Submitting a comment: checked, stored as pending before anything else can fail, then reviewed."""

from __future__ import annotations

import re
from contextlib import suppress

import msgspec

from majlis import errors
from majlis.domain.comment import Author, Comment, Status
from majlis.domain.decision import Record
from majlis.domain.ids import is_id
from majlis.domain.site import Story, direction
from majlis.domain.text import check_text, is_blank, search_form
from majlis.services import outbox
from majlis.services.limits import Act
from majlis.services.newsroom import Newsroom
from majlis.services.review import review
from majlis.services.stories import find_story
from majlis.signals.text import digest
from majlis.store import comments, log, people, records, stories
from majlis.store.database import Connection

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}")


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """A proof of work or form token that was found valid and may be spent once. Times in ms."""

    value: str
    expires_at: int


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody sends. `address` is the sender's network address, which is only ever counted and hashed.

    `trusted` is set for a caller with a write key, who answers for its own readers' rates.
    """

    url: str
    body: str
    name: str
    email: str | None = None
    title: str = ""
    parent: str | None = None
    language: str | None = None
    address: str = ""
    act: Act = Act.COMMENT
    trusted: bool = False
    proof: Proof | None = None
    idempotency_key: str | None = None
    request_hash: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A stored comment and the decision that put it where it is; None while it is pending."""

    comment: Comment
    record: Record | None


async def submit(newsroom: Newsroom, draft: Draft) -> Outcome:
    """Store a comment and have it reviewed.

    Raises:
        errors.InvalidInput: a field cannot be kept; `field` names it.
        errors.StoryNotFound, errors.StoryClosed, errors.ParentNotFound: where it would stand.
        errors.TooManyRequests: the address or the author sends too much.
        errors.ProofInvalid: the proof was spent before.
        errors.IdempotencyConflict: the key came with another request before.
        errors.Overloaded, errors.StoreUnavailable: nothing was stored.
    """
    check_draft(newsroom, draft)
    with newsroom.limits.place():
        return await _submit(newsroom, draft)


async def _submit(newsroom: Newsroom, draft: Draft) -> Outcome:
    repeated = await _repeated(newsroom, draft)
    if repeated is not None:
        return await _outcome(newsroom, repeated)
    author = _author(newsroom, draft)
    if not draft.trusted:
        newsroom.limits.spend(draft.act, draft.address)
        newsroom.limits.spend(Act.AUTHOR, author.key)
    story = await find_story(newsroom, url=draft.url, title=draft.title, language=draft.language)
    id = newsroom.new_id()
    filing = comments.Filing(
        search=search_form(f"{draft.name} {draft.body}"),
        digest=digest(draft.body),
        idempotency_key=draft.idempotency_key,
        request_hash=draft.request_hash,
    )
    stored = await newsroom.database.write(lambda tx: _store(tx, newsroom, draft, author, story, id, filing))
    return await _outcome(newsroom, stored)


def check_draft(newsroom: Newsroom, draft: Draft) -> None:
    """Check the shape of every field. Raises errors.InvalidInput."""
    bounds = newsroom.bounds
    check_text(
        draft.name, field="author.name", max_bytes=4 * bounds.name_characters, max_characters=bounds.name_characters
    )
    if is_blank(draft.name):
        raise errors.InvalidInput("The field author.name is empty.", hint="Write a name.", field="author.name")
    check_text(draft.body, field="body", max_bytes=bounds.body_bytes, max_characters=bounds.body_characters, lines=True)
    if is_blank(draft.body):
        raise errors.InvalidInput("The field body is empty.", hint="Write a comment.", field="body")
    _check_email(newsroom, draft.email)
    if draft.language is not None and not _LANGUAGE.fullmatch(draft.language):
        raise errors.InvalidInput(
            "The field language is not a language tag.", hint="Use a tag such as ckb or en.", field="language"
        )
    if draft.idempotency_key is not None:
        check_text(draft.idempotency_key, field="Idempotency-Key", max_bytes=255, max_characters=255)


def _check_email(newsroom: Newsroom, email: str | None) -> None:
    if not email:
        if newsroom.email_required:
            raise errors.InvalidInput("The field author.email is required here.", field="author.email")
        return
    check_text(email, field="author.email", max_bytes=254, max_characters=254)
    if not _EMAIL.fullmatch(email):
        raise errors.InvalidInput("The field author.email is not an e-mail address.", field="author.email")


def _author(newsroom: Newsroom, draft: Draft) -> Author:
    who = draft.email.casefold() if draft.email else f"{search_form(draft.name)}\0{draft.address}"
    return Author(name=draft.name, email=draft.email or None, key=newsroom.keyed_hash("author", who))


async def _repeated(newsroom: Newsroom, draft: Draft) -> Comment | None:
    if draft.idempotency_key is None:
        return None
    return await newsroom.database.read(lambda tx: _known(tx, newsroom, draft))


async def _known(tx: Connection, newsroom: Newsroom, draft: Draft) -> Comment | None:
    """Return the comment that this idempotency key brought before. Raises errors.IdempotencyConflict."""
    if draft.idempotency_key is None:
        return None
    found = await comments.by_idempotency_key(tx, site=newsroom.site, key=draft.idempotency_key)
    if found is None:
        return None
    id, request_hash = found
    if request_hash != draft.request_hash:
        raise errors.IdempotencyConflict(
            "The idempotency key came with another request before.", hint="Use a new key for a new comment."
        )
    return await comments.get_comment(tx, id)


async def _store(
    tx: Connection,
    newsroom: Newsroom,
    draft: Draft,
    author: Author,
    story: Story,
    id: str,
    filing: comments.Filing,
) -> Comment:
    now = newsroom.now()
    known = await _known(tx, newsroom, draft)
    if known is not None:
        return known
    if not await stories.hold_open(tx, story=story.id):
        raise errors.StoryClosed("The newsroom takes no more comments on this story.")
    parent = await _parent(tx, draft, story)
    if draft.proof is not None and not await people.use_proof(
        tx, proof=newsroom.keyed_hash("proof", draft.proof.value), expires_at=draft.proof.expires_at, now=now
    ):
        raise errors.ProofInvalid(
            "This proof was used for another comment.", hint="Ask for a new challenge.", field="proof"
        )
    language = draft.language.lower() if draft.language else story.language
    comment = Comment(
        id=id,
        site=newsroom.site,
        story=story.id,
        parent=parent.id if parent else None,
        root=parent.root if parent else id,
        author=author,
        body=draft.body,
        language=language,
        direction=direction(language),
        status=Status.PENDING,
        version=0,
        submitted_at=now,
        root_at=parent.root_at if parent else now,
    )
    if not await comments.add_comment(tx, comment, filing):
        known = await _known(tx, newsroom, draft)
        assert known is not None
        return known
    content = {"body": log.body_hash(comment.body), "story": story.id}
    log.append(tx, site=newsroom.site, at=now, kind="submitted", comment=id, actor="author", content=content)
    await outbox.tell(tx, newsroom, outbox.Event.SUBMITTED, comment, at=now)
    return comment


async def _parent(tx: Connection, draft: Draft, story: Story) -> Comment | None:
    if draft.parent is None:
        return None
    parent = await comments.get_comment(tx, draft.parent) if is_id(draft.parent) else None
    if parent is None or parent.story != story.id or parent.status is not Status.APPROVED:
        raise errors.ParentNotFound("The comment that is replied to is not published under this story.", field="parent")
    return parent


async def _outcome(newsroom: Newsroom, comment: Comment) -> Outcome:
    """Return where a stored comment stands, after a review if it had none yet."""
    record: Record | None = None
    if newsroom.judging and comment.status is Status.PENDING and comment.risk is None:
        # It is stored: whoever sent it is told so, and a sweep reviews it when the database is back.
        with suppress(errors.StoreUnavailable):
            comment, record = await review(newsroom, comment)
    if record is None and comment.decision is not None:
        decided_by = comment.decision
        record = await newsroom.database.read(lambda tx: records.get_record(tx, decided_by))
    return Outcome(comment=comment, record=record if comment.status is not Status.PENDING else None)
