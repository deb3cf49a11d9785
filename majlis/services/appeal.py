"""Deciding an objection: by somebody other than whoever decided first, with a new decision where it is right."""

from __future__ import annotations

import msgspec

from majlis import errors
from majlis.domain.comment import Actor, Comment, Status
from majlis.domain.decision import Appeal, AppealStatus, Record, Verdict
from majlis.domain.site import Staff
from majlis.domain.text import check_text
from majlis.services.newsroom import Newsroom
from majlis.services.status import change_status, load_comment
from majlis.store import log, notices, records
from majlis.store.database import Connection


class OpenAppeal(msgspec.Struct, frozen=True, kw_only=True):
    """An objection that waits, with what it is about. `mine` is set where the viewer decided first."""

    appeal: Appeal
    comment: Comment
    record: Record
    mine: bool


async def waiting(newsroom: Newsroom, staff: Staff, *, limit: int = 100) -> list[OpenAppeal]:
    """Return the objections that wait, oldest first."""

    async def work(tx: Connection) -> list[OpenAppeal]:
        found = []
        for appeal in await notices.open_appeals(tx, site=newsroom.site, limit=limit):
            record = await records.get_record(tx, appeal.record)
            assert record is not None
            comment = await load_comment(tx, site=newsroom.site, id=appeal.comment)
            found.append(OpenAppeal(appeal=appeal, comment=comment, record=record, mine=record.actor == staff.id))
        return found

    return await newsroom.database.read(work)


async def decide(newsroom: Newsroom, staff: Staff, *, appeal: str, overturn: bool, note: str) -> Comment:
    """Uphold or overturn the rejection that an objection is about. Overturning publishes the comment.

    Raises:
        errors.SamePerson: this person made the decision that is objected to.
        errors.Stale: the objection is closed, or the comment was decided on since.
    """
    bound = newsroom.bounds.note_characters
    check_text(note, field="note", max_bytes=4 * bound, max_characters=bound, lines=True)
    comment = await newsroom.database.write(
        lambda tx: _decide(tx, newsroom, staff, id=appeal, overturn=overturn, note=note)
    )
    if overturn:
        newsroom.announce(comment.story)
    return comment


async def _decide(tx: Connection, newsroom: Newsroom, staff: Staff, *, id: str, overturn: bool, note: str) -> Comment:
    appeal = await notices.get_appeal(tx, id)
    if appeal is None or appeal.site != newsroom.site:
        raise errors.NotFound("There is no objection with this id.")
    first = await records.get_record(tx, appeal.record)
    assert first is not None
    if first.actor == staff.id:
        raise errors.SamePerson("You made the decision that is objected to.", hint="Leave it to a colleague.")
    now = newsroom.now()
    status = AppealStatus.OVERTURNED if overturn else AppealStatus.UPHELD
    if not await notices.decide_appeal(tx, id=id, status=status, decided_by=staff.id, decided_at=now, note=note):
        raise errors.Stale("This objection has been decided already.")
    comment = await load_comment(tx, site=newsroom.site, id=appeal.comment)
    if comment.decision != appeal.record or comment.status is not Status.REJECTED:
        raise errors.Stale("The comment was decided on since it was objected to.", hint="Look at its history.")
    log.append(
        tx,
        site=newsroom.site,
        at=now,
        kind=f"appeal-{status.value}",
        comment=comment.id,
        actor=staff.id,
        content={"appeal": id, "note": log.body_hash(note)},
    )
    if not overturn:
        return comment
    record = Record(
        id=newsroom.new_id(),
        site=newsroom.site,
        comment=comment.id,
        at=now,
        actor=staff.id,
        verdict=Verdict.APPROVE,
        status=Status.APPROVED.value,
        note=note,
        undoes=first.id,
    )
    return await change_status(tx, newsroom, comment, actor=Actor.MODERATOR, record=record)
