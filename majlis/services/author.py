"""What the author of a comment may do with a receipt: see where it stands and why, withdraw it, object to a rejection.

Whoever holds the receipt is the author; there is no other account.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec
from itsdangerous import BadSignature, Signer

from majlis import errors
from majlis.domain.comment import Actor, Comment, Status
from majlis.domain.decision import Appeal, Record, StatementOfReasons, Verdict
from majlis.domain.text import check_text, is_blank
from majlis.judge.guidelines import parse
from majlis.judge.reasons import statement
from majlis.services import outbox
from majlis.services.newsroom import Newsroom
from majlis.services.status import change_status, load_comment
from majlis.store import log, notices, records, stories
from majlis.store.database import Connection


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What the author may see. `statement` is there when the comment was rejected."""

    comment: Comment
    story_title: str
    story_url: str
    story_language: str
    record: Record | None
    statement: StatementOfReasons | None
    appeals: tuple[Appeal, ...]
    can_withdraw: bool
    can_appeal: bool


@lru_cache(maxsize=8)
def _signer(secret: bytes) -> Signer:
    return Signer(secret, salt="receipt", sep=".")


def receipt_token(newsroom: Newsroom, comment: str) -> str:
    """Return the token that proves to be the author of a comment. The same comment always has the same token."""
    return _signer(newsroom.secret).sign(comment).decode()


def read_token(newsroom: Newsroom, token: str) -> str:
    """Return the id of the comment that a token is for. Raises errors.ReceiptInvalid."""
    try:
        return _signer(newsroom.secret).unsign(token.encode("ascii")).decode()
    except (BadSignature, UnicodeError):
        raise errors.ReceiptInvalid(
            "This receipt was not issued here.", hint="Use the whole link that you were given."
        ) from None


async def receipt(newsroom: Newsroom, token: str) -> Receipt:
    """Return what the author may see of a comment. Raises errors.ReceiptInvalid."""
    id = read_token(newsroom, token)
    return await newsroom.database.read(lambda tx: _receipt(tx, newsroom, id))


async def withdraw(newsroom: Newsroom, token: str) -> Receipt:
    """Take one's own comment back for good. Withdrawing twice is the same as once. Raises errors.ReceiptInvalid."""
    id = read_token(newsroom, token)

    async def work(tx: Connection) -> tuple[Comment, Receipt]:
        comment = await load_comment(tx, site=newsroom.site, id=id)
        if comment.status is not Status.WITHDRAWN:
            await change_status(tx, newsroom, comment, actor=Actor.AUTHOR, record=_withdrawal(newsroom, comment))
            await notices.withdraw_appeals(tx, comment=id, now=newsroom.now())
        return comment, await _receipt(tx, newsroom, id)

    before, after = await newsroom.database.write(work)
    if before.status is Status.APPROVED:
        newsroom.announce(before.story)
    return after


async def appeal(newsroom: Newsroom, token: str, reason: str) -> Appeal:
    """Object to a rejection, once for each decision.

    Raises:
        errors.InvalidInput: no reason, or one that cannot be kept.
        errors.AppealExists: the comment is not rejected, or this decision was objected to before.
    """
    bound = newsroom.bounds.note_characters
    check_text(reason, field="reason", max_bytes=4 * bound, max_characters=bound, lines=True)
    if is_blank(reason):
        raise errors.InvalidInput("The field reason is empty.", hint="Say why you object.", field="reason")
    id = read_token(newsroom, token)

    async def work(tx: Connection) -> Appeal:
        comment = await load_comment(tx, site=newsroom.site, id=id)
        if comment.status is not Status.REJECTED or comment.decision is None:
            raise errors.AppealExists(f"This comment is {comment.status}; only a rejection can be objected to.")
        made = Appeal(
            id=newsroom.new_id(),
            site=newsroom.site,
            comment=id,
            record=comment.decision,
            reason=reason,
            at=newsroom.now(),
        )
        if not await notices.add_appeal(tx, made):
            raise errors.AppealExists("You have objected to this decision before.")
        content = {"appeal": made.id, "against": comment.decision, "reason": log.body_hash(reason)}
        log.append(tx, site=newsroom.site, at=made.at, kind="appealed", comment=id, actor="author", content=content)
        await outbox.tell(
            tx, newsroom, outbox.Event.APPEALED, comment, at=made.at, record=comment.decision, appeal=made.id
        )
        return made

    return await newsroom.database.write(work)


def _withdrawal(newsroom: Newsroom, comment: Comment) -> Record:
    return Record(
        id=newsroom.new_id(),
        site=newsroom.site,
        comment=comment.id,
        at=newsroom.now(),
        actor=Actor.AUTHOR.value,
        verdict=Verdict.REFER,
        status=Status.WITHDRAWN.value,
    )


async def _receipt(tx: Connection, newsroom: Newsroom, id: str) -> Receipt:
    comment = await load_comment(tx, site=newsroom.site, id=id)
    story = await stories.get_story(tx, comment.story)
    assert story is not None
    record = await records.get_record(tx, comment.decision) if comment.decision else None
    made = tuple(await notices.appeals_of(tx, id))
    rejected = comment.status is Status.REJECTED and record is not None
    can_appeal = rejected and all(appeal.record != comment.decision for appeal in made)
    can_withdraw = comment.status is not Status.WITHDRAWN
    redress = (("appeal",) if can_appeal else ()) + (("withdrawal",) if can_withdraw else ())
    return Receipt(
        comment=comment,
        story_title=story.title,
        story_url=story.url,
        story_language=story.language,
        record=record,
        statement=await _statement(tx, newsroom, record, story.language, redress) if rejected and record else None,
        appeals=made,
        can_withdraw=can_withdraw,
        can_appeal=can_appeal,
    )


async def _statement(
    tx: Connection, newsroom: Newsroom, record: Record, language: str, redress: tuple[str, ...]
) -> StatementOfReasons:
    """Make the reasons with the words of the guidelines that were in force, even if they were rewritten since."""
    guidelines = newsroom.guidelines_for(language)
    if record.decision is not None and record.decision.guidelines != guidelines.version:
        source = await records.guidelines_source(tx, record.decision.guidelines)
        guidelines = parse(source) if source else guidelines
    return statement(record, guidelines, redress)
