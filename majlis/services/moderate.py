"""What a person of the desk does with a comment: claim, approve, reject, take back, pick. Never edit."""

from __future__ import annotations

import msgspec

from majlis import errors
from majlis.domain.comment import LEASE_MS, Actor, Comment, Status
from majlis.domain.decision import AppealStatus, Finding, Record, Verdict
from majlis.domain.site import Staff
from majlis.domain.text import check_text
from majlis.services.newsroom import Newsroom
from majlis.services.status import change_status, load_comment
from majlis.store import comments, log, notices, records, stories
from majlis.store.database import Connection, Work

_VERDICT = {Status.APPROVED: Verdict.APPROVE, Status.REJECTED: Verdict.REJECT, Status.PENDING: Verdict.REFER}


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator decides, and on which version of the comment."""

    comment: str
    seen: int
    verdict: Verdict
    clauses: tuple[str, ...] = ()
    note: str = ""


async def claim(newsroom: Newsroom, staff: Staff, comment: str) -> Comment:
    """Take a comment for five minutes. Raises errors.Claimed where another moderator has it."""
    now = newsroom.now()

    async def work(tx: Connection) -> Comment:
        await load_comment(tx, site=newsroom.site, id=comment)
        taken = await comments.claim(tx, id=comment, staff=staff.id, now=now, until=now + LEASE_MS)
        found = await load_comment(tx, site=newsroom.site, id=comment)
        if not taken:
            raise errors.Claimed(
                "Another moderator holds this comment.", hint="Take the next one, or wait until the claim runs out."
            )
        return found

    return await newsroom.database.write(work)


async def release(newsroom: Newsroom, staff: Staff, comment: str) -> None:
    """Give a claim back."""
    await newsroom.database.write(lambda tx: comments.release(tx, id=comment, staff=staff.id))


async def rule(newsroom: Newsroom, staff: Staff, ruling: Ruling) -> tuple[Comment, Record]:
    """Approve or reject a comment as a person.

    Raises:
        errors.InvalidInput: a rejection without a clause, or a clause that the guidelines do not hold.
        errors.Stale: the comment is not as it was shown. errors.Claimed: another moderator holds it.
        errors.IllegalMove: the table of moves does not allow it, or an objection to the rejection waits.
    """
    check_ruling(newsroom, ruling)
    return await _write(newsroom, lambda tx: _rule(tx, newsroom, staff, ruling))


def check_ruling(newsroom: Newsroom, ruling: Ruling) -> None:
    """Check clauses and note. Raises errors.InvalidInput."""
    bound = newsroom.bounds.note_characters
    check_text(ruling.note, field="note", max_bytes=4 * bound, max_characters=bound, lines=True)
    if ruling.verdict is Verdict.REJECT and not ruling.clauses:
        raise errors.InvalidInput(
            "A rejection names at least one clause.", hint="Choose the clause that the comment breaks.", field="clauses"
        )
    known = {clause.id for clause in newsroom.guidelines_for(newsroom.language).clauses}
    for clause in ruling.clauses:
        if clause not in known:
            raise errors.InvalidInput("A clause that the guidelines do not hold was named.", field="clauses")


async def undo(newsroom: Newsroom, staff: Staff) -> tuple[Comment, Record]:
    """Take back this person's last decision by a new one that restores what was before.

    Raises:
        errors.Stale: there is nothing to take back, or somebody has decided since.
        errors.IllegalMove: an objection to that decision waits.
    """
    return await _write(newsroom, lambda tx: _undo(tx, newsroom, staff))


async def set_featured(newsroom: Newsroom, staff: Staff, *, comment: str, seen: int, featured: bool) -> Comment:
    """Mark or unmark the editor's pick of an approved comment."""

    async def work(tx: Connection) -> Comment:
        found = await load_comment(tx, site=newsroom.site, id=comment)
        if found.status is not Status.APPROVED:
            raise errors.IllegalMove(f"A comment that is {found.status} cannot be an editor's pick.")
        if not await comments.set_featured(tx, id=comment, seen=seen, featured=featured):
            raise errors.Stale(f"Version {seen} of this comment is not the current one.")
        await stories.change_count(tx, story=found.story, by=0)
        log.append(
            tx,
            site=newsroom.site,
            at=newsroom.now(),
            kind="featured" if featured else "unfeatured",
            comment=comment,
            actor=staff.id,
            content={},
        )
        return await load_comment(tx, site=newsroom.site, id=comment)

    after = await newsroom.database.write(work)
    newsroom.announce(after.story)
    return after


async def dismiss_reports(newsroom: Newsroom, staff: Staff, comment: str) -> None:
    """Close the reports of a comment that stays published."""

    async def work(tx: Connection) -> None:
        await load_comment(tx, site=newsroom.site, id=comment)
        await notices.close_reports(tx, comment)
        log.append(
            tx,
            site=newsroom.site,
            at=newsroom.now(),
            kind="reports-dismissed",
            comment=comment,
            actor=staff.id,
            content={},
        )

    await newsroom.database.write(work)


async def _write(newsroom: Newsroom, work: Work[tuple[Comment, Comment, Record]]) -> tuple[Comment, Record]:
    before, after, record = await newsroom.database.write(work)
    if Status.APPROVED in (before.status, after.status):
        newsroom.announce(after.story)
    return after, record


async def _rule(tx: Connection, newsroom: Newsroom, staff: Staff, ruling: Ruling) -> tuple[Comment, Comment, Record]:
    comment = await load_comment(tx, site=newsroom.site, id=ruling.comment)
    if comment.version != ruling.seen:
        raise errors.Stale(
            f"You saw version {ruling.seen} of this comment and it is at version {comment.version}.",
            hint="Look at the comment again before you decide.",
        )
    if comment.holder(newsroom.now()) not in (None, staff.id):
        raise errors.Claimed("Another moderator holds this comment.", hint="Take the next one.")
    await _refuse_while_objected(tx, comment)
    status = Status.APPROVED if ruling.verdict is Verdict.APPROVE else Status.REJECTED
    clauses = ruling.clauses if status is Status.REJECTED else ()
    record = Record(
        id=newsroom.new_id(),
        site=newsroom.site,
        comment=comment.id,
        at=newsroom.now(),
        actor=staff.id,
        verdict=ruling.verdict,
        status=status.value,
        clauses=clauses,
        findings=await _findings(tx, comment.id, clauses),
        note=ruling.note,
    )
    return comment, await change_status(tx, newsroom, comment, actor=Actor.MODERATOR, record=record), record


async def _refuse_while_objected(tx: Connection, comment: Comment) -> None:
    """Leave a rejection that was objected to alone: deciding past the objection would leave it open for good."""
    for objection in await notices.appeals_of(tx, comment.id):
        if objection.status is AppealStatus.OPEN and objection.record == comment.decision:
            raise errors.IllegalMove("An objection to this rejection waits.", hint="Decide the objection instead.")


async def _findings(tx: Connection, comment: str, clauses: tuple[str, ...]) -> tuple[Finding, ...]:
    """Return the words that the machine found under the clauses that a person now cites."""
    for earlier in reversed(await records.of_comment(tx, comment)):
        if earlier.decision is not None:
            return tuple(finding for finding in earlier.decision.findings if finding.clause in clauses)
    return ()


async def _undo(tx: Connection, newsroom: Newsroom, staff: Staff) -> tuple[Comment, Comment, Record]:
    last = await records.last_of_actor(tx, site=newsroom.site, actor=staff.id)
    if last is None or last.undoes is not None:
        raise errors.Stale("You have no decision to take back.")
    comment = await load_comment(tx, site=newsroom.site, id=last.comment)
    if comment.decision != last.id:
        raise errors.Stale("Somebody has decided on this comment since.", hint="Decide on it anew instead.")
    await _refuse_while_objected(tx, comment)
    history = await records.of_comment(tx, comment.id)
    before = [record for record in history if record.id != last.id]
    status = Status(before[-1].status) if before else Status.PENDING
    record = Record(
        id=newsroom.new_id(),
        site=newsroom.site,
        comment=comment.id,
        at=newsroom.now(),
        actor=staff.id,
        verdict=_VERDICT[status],
        status=status.value,
        clauses=before[-1].clauses if before and status is Status.REJECTED else (),
        findings=before[-1].findings if before and status is Status.REJECTED else (),
        undoes=last.id,
    )
    return comment, await change_status(tx, newsroom, comment, actor=Actor.MODERATOR, record=record), record
