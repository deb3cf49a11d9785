"""What a moderator is shown around one comment: its conversation, its story's last ones, its author's last ones.

Rows of every status come out of here, so nothing of it may reach a reader. It changes nothing.
"""

from __future__ import annotations

from sqlalchemy import bindparam, select

from majlis.domain.comment import Comment
from majlis.store.comments import SHOWN, comment_of
from majlis.store.database import Connection
from majlis.store.query import Query
from majlis.store.tables import APPROVED, comments

_C = comments.c
_CONVERSATION = Query(
    select(*SHOWN)
    .where(_C.story == bindparam("story"), _C.root == bindparam("root"))
    .order_by(_C.submitted_at, _C.id)
    .limit(bindparam("limit"))
)
_OF_STORY = Query(
    select(*SHOWN)
    .where(_C.story == bindparam("story"), APPROVED)
    .order_by(_C.submitted_at.desc(), _C.id.desc())
    .limit(bindparam("limit"))
)
_OF_AUTHOR = Query(
    select(*SHOWN)
    .where(_C.site == bindparam("site"), _C.author_key == bindparam("author_key"))
    .order_by(_C.submitted_at.desc(), _C.id.desc())
    .limit(bindparam("limit"))
)
_FLAGS = Query(select(_C.flags).where(_C.id == bindparam("id")))


async def conversation(tx: Connection, *, story: str, root: str, limit: int) -> list[Comment]:
    """Return the comments of one conversation, whatever their status, oldest first."""
    return [comment_of(row) for row in await tx.all(_CONVERSATION, story=story, root=root, limit=limit)]


async def last_of_story(tx: Connection, *, story: str, limit: int) -> list[Comment]:
    """Return the last approved comments of a story, newest first."""
    return [comment_of(row) for row in await tx.all(_OF_STORY, story=story, limit=limit)]


async def last_of_author(tx: Connection, *, site: str, author_key: str, limit: int) -> list[Comment]:
    """Return an author's last comments, whatever their status, newest first."""
    return [comment_of(row) for row in await tx.all(_OF_AUTHOR, site=site, author_key=author_key, limit=limit)]


async def flags(tx: Connection, comment: str) -> tuple[str, ...]:
    """Return the clauses that the judge saw in a comment."""
    row = await tx.one(_FLAGS, id=comment)
    return tuple(flag for flag in row["flags"].split(",") if flag) if row else ()
