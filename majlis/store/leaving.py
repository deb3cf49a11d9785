"""Reading a whole site in the order in which another system wants it: stories, then the comments of each."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy import bindparam, select

from majlis.domain.comment import Comment
from majlis.domain.site import Story
from majlis.store.comments import SHOWN, comment_of
from majlis.store.database import Connection
from majlis.store.query import Query, Value
from majlis.store.stories import story_of
from majlis.store.tables import comments, stories

_S, _C = stories.c, comments.c
PAGE = 1_000
_STORIES = Query(
    select(stories)
    .where(_S.site == bindparam("site"), _S.id > bindparam("after"))
    .order_by(_S.id)
    .limit(bindparam("limit"))
)
_COMMENTS = Query(
    select(*SHOWN)
    .where(
        _C.story == bindparam("story"),
        (_C.submitted_at > bindparam("since"))
        | ((_C.submitted_at == bindparam("since")) & (_C.id > bindparam("after"))),
    )
    .order_by(_C.submitted_at, _C.id)
    .limit(bindparam("limit"))
)
EARLIEST = -(2**62)


async def all_stories(tx: Connection, site: str) -> AsyncIterator[Story]:
    """Yield every story of a site."""
    after = ""
    while rows := await tx.all(_STORIES, site=site, after=after, limit=PAGE):
        for row in rows:
            yield story_of(row)
        after = rows[-1]["id"]


async def all_comments(tx: Connection, story: str) -> AsyncIterator[Comment]:
    """Yield every comment of a story, whatever its status, oldest first."""
    since: Value = EARLIEST
    after: Value = ""
    while rows := await tx.all(_COMMENTS, story=story, since=since, after=after, limit=PAGE):
        for row in rows:
            yield comment_of(row)
        since, after = rows[-1]["submitted_at"], rows[-1]["id"]
