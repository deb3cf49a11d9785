"""The one door for a comment's status: the move, the record, the log entry, the counts and the outbox, all together."""

from __future__ import annotations

from typing import Any

import msgspec

from majlis import errors
from majlis.domain.comment import Actor, Comment, Status, move
from majlis.domain.decision import Record
from majlis.domain.ids import is_id
from majlis.services import outbox
from majlis.services.newsroom import Newsroom
from majlis.store import comments, log, notices, records, stories
from majlis.store.database import Connection


async def load_comment(tx: Connection, *, site: str, id: str) -> Comment:
    """Return a comment of this site. Raises errors.CommentNotFound."""
    comment = await comments.get_comment(tx, id) if is_id(id) else None
    if comment is None or comment.site != site:
        raise errors.CommentNotFound("There is no comment with this id.")
    return comment


async def change_status(
    tx: Connection, newsroom: Newsroom, comment: Comment, *, actor: Actor, record: Record
) -> Comment:
    """Move a comment to the status of a record and keep everything that follows from it.

    Args:
        comment: as whoever decides has seen it; its version is compared with the stored one.
        actor: who moves it, for the table of moves.
        record: the decision; `record.status` is the new status.

    Raises:
        errors.IllegalMove: the table of moves does not hold it.
        errors.Stale: somebody changed the comment meanwhile.
    """
    new = move(comment.status, Status(record.status), actor)
    published_at = comment.published_at
    root_at = comment.root_at
    if new is Status.APPROVED and published_at is None:
        published_at = await _publication(tx, comment, record.at)
        root_at = published_at if comment.root == comment.id else root_at
    changed = await comments.set_status(
        tx,
        id=comment.id,
        seen=comment.version,
        status=new,
        published_at=published_at,
        root_at=root_at,
        decision=record.id,
    )
    if not changed:
        raise errors.Stale(
            f"Version {comment.version} of this comment is not the current one.",
            hint="Look at the comment again before you decide.",
        )
    await _count(tx, comment, new)
    await keep(tx, record, kind=new.value, extra={"from": comment.status.value, "to": new.value})
    after = msgspec.structs.replace(
        comment,
        status=new,
        version=comment.version + 1,
        published_at=published_at,
        root_at=root_at,
        decision=record.id,
        claimed_by=None,
        claimed_until=0,
    )
    if new in outbox.OF_STATUS:
        await outbox.tell(tx, newsroom, outbox.OF_STATUS[new], after, at=record.at, record=record.id)
    return after


async def _publication(tx: Connection, comment: Comment, now: int) -> int:
    """Return when a comment is published: after the one it answers, whatever the clock says."""
    parent = await comments.get_comment(tx, comment.parent) if comment.parent is not None else None
    return now if parent is None or parent.published_at is None else max(now, parent.published_at + 1)


async def keep(tx: Connection, record: Record, *, kind: str, extra: dict[str, Any]) -> None:
    """Store a record and its log entry. The entry holds versions, clauses and the record's hash, and no words."""
    digest = await records.add_record(tx, record)
    content: dict[str, Any] = {"record": record.id, "record_hash": digest, "clauses": list(record.clauses), **extra}
    if record.decision is not None:
        content |= {
            "guidelines": record.decision.guidelines,
            "policy": record.decision.policy,
            "model": record.decision.model,
            "verdict": record.decision.verdict.value,
        }
    log.append(
        tx, site=record.site, at=record.at, kind=kind, comment=record.comment, actor=record.actor, content=content
    )


async def _count(tx: Connection, comment: Comment, new: Status) -> None:
    shown, shows = comment.status is Status.APPROVED, new is Status.APPROVED
    if shown == shows:
        return
    by = 1 if shows else -1
    await stories.change_count(tx, story=comment.story, by=by)
    if comment.parent is not None:
        await comments.change_replies(tx, parent=comment.parent, by=by)
    if shows:
        await comments.inherit_root_likes(tx, id=comment.id, root=comment.root)
    else:
        await notices.close_reports(tx, comment.id)
