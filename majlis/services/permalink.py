"""Finding what one comment is shown with: its conversation, and the comments that others answer. It changes nothing."""

from __future__ import annotations

from majlis import errors
from majlis.domain.comment import Comment
from majlis.domain.ids import is_id
from majlis.services.newsroom import Newsroom
from majlis.services.thread import MOST, published_comment
from majlis.store import threads
from majlis.store.threads import Position, Sort


async def conversation(newsroom: Newsroom, comment: Comment) -> list[Comment]:
    """Return the conversation that a published comment belongs to, at most MOST of it, and always the comment."""
    before = Position(Sort.NEWEST, 0, comment.root_at, comment.root, 0, "")
    found, _ = await newsroom.database.read(
        lambda tx: threads.page(tx, story=comment.story, sort=Sort.NEWEST, limit=MOST, after=before)
    )
    together = [one for one in found if one.root == comment.root]
    return together if any(one.id == comment.id for one in together) else [*together, comment]


async def answered(newsroom: Newsroom, comments: list[Comment]) -> dict[str, Comment | None]:
    """Return the comments that these answer and that are not among them; None where one is not published."""
    here = {comment.id for comment in comments}
    missing = {comment.parent for comment in comments if comment.parent and comment.parent not in here}
    return {id: await _published(newsroom, id) for id in missing}


async def _published(newsroom: Newsroom, id: str) -> Comment | None:
    try:
        return await published_comment(newsroom, id) if is_id(id) else None
    except errors.CommentNotFound:
        return None
