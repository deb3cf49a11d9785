"""What readers do with other people's published comments: like and report. Neither hides or publishes anything."""

from __future__ import annotations

from majlis import errors
from majlis.domain.comment import Comment, Status
from majlis.domain.decision import Report
from majlis.domain.text import check_text
from majlis.services.limits import Act
from majlis.services.newsroom import Newsroom
from majlis.services.status import load_comment
from majlis.store import comments, log, notices, stories
from majlis.store.database import Connection


async def _published(tx: Connection, newsroom: Newsroom, id: str) -> Comment:
    comment = await load_comment(tx, site=newsroom.site, id=id)
    if comment.status is not Status.APPROVED:
        raise errors.CommentNotFound("There is no published comment with this id.")
    return comment


async def like(newsroom: Newsroom, *, comment: str, reader: str, address: str, liked: bool) -> int:
    """Set or take back one reader's like. Return how many the comment has now.

    Args:
        reader: what tells this reader from others; it is stored as a keyed hash.

    Raises:
        errors.CommentNotFound, errors.TooManyRequests.
    """
    newsroom.limits.spend(Act.LIKE, address)
    who = newsroom.keyed_hash("like", reader)

    async def work(tx: Connection) -> tuple[Comment, bool]:
        found = await _published(tx, newsroom, comment)
        changed = await comments.like(tx, comment=found, reader=who, liked=liked, now=newsroom.now())
        if changed:
            await stories.change_count(tx, story=found.story, by=0)
        return await load_comment(tx, site=newsroom.site, id=comment), changed

    after, changed = await newsroom.database.write(work)
    if changed:
        newsroom.announce(after.story)
    return after.likes


async def report(newsroom: Newsroom, *, comment: str, clause: str, reason: str, reporter: str, address: str) -> None:
    """Tell the desk that a published comment breaks a clause. The same reader's second report changes nothing.

    Raises:
        errors.InvalidInput: a clause that the guidelines do not hold, or a reason that cannot be kept.
        errors.CommentNotFound, errors.TooManyRequests.
    """
    bound = newsroom.bounds.note_characters
    check_text(reason, field="reason", max_bytes=4 * bound, max_characters=bound, lines=True)
    check_text(reporter, field="reporter", max_bytes=254, max_characters=254)
    if newsroom.guidelines_for(newsroom.language).clause(clause) is None:
        raise errors.InvalidInput("A clause that the guidelines do not hold was named.", field="clause")
    newsroom.limits.spend(Act.REPORT, address)

    async def work(tx: Connection) -> None:
        found = await _published(tx, newsroom, comment)
        made = Report(
            id=newsroom.new_id(),
            site=newsroom.site,
            comment=found.id,
            clause=clause,
            reason=reason,
            reporter=newsroom.keyed_hash("report", reporter or address),
            at=newsroom.now(),
        )
        if await notices.add_report(tx, made):
            content = {"report": made.id, "clause": clause, "reason": log.body_hash(reason)}
            log.append(
                tx, site=newsroom.site, at=made.at, kind="reported", comment=found.id, actor="reader", content=content
            )

    await newsroom.database.write(work)
