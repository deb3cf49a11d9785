"""Reading what is published: a page of a story's comments, the newest stories, one story. It changes nothing."""

from __future__ import annotations

import msgspec
from itsdangerous import BadSignature, URLSafeSerializer

from majlis import errors
from majlis.domain.comment import Comment, Status
from majlis.domain.ids import is_slug
from majlis.domain.site import Story
from majlis.services.newsroom import Newsroom
from majlis.services.status import load_comment
from majlis.store import stories, threads
from majlis.store.threads import Position, Sort

MOST = 200
"""The most comments of one page."""


class ThreadPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some approved comments of a story; `next` is the cursor of the page that follows, None at the end."""

    comments: list[Comment]
    next: str | None


def read_sort(value: str) -> Sort:
    """Return the order that a word names. Raises errors.InvalidInput."""
    try:
        return Sort(value)
    except ValueError:
        raise errors.InvalidInput(
            f"The order {value[:40]!r} is not known.", hint="Use newest, oldest or top.", field="sort"
        ) from None


def _cursors(newsroom: Newsroom) -> URLSafeSerializer:
    return URLSafeSerializer(newsroom.secret, salt="cursor")


def read_cursor(newsroom: Newsroom, value: str, sort: Sort) -> Position:
    """Return the place that a cursor names. Raises errors.BadCursor for one that was not made here for this order."""
    try:
        position = msgspec.convert(_cursors(newsroom).loads(value), Position)
    except (BadSignature, msgspec.ValidationError, UnicodeError, ValueError):
        position = None
    if position is None or position.sort is not sort:
        raise errors.BadCursor(
            "The cursor was not made here, or for another order.", hint="Begin at the first page.", field="after"
        )
    return position


async def thread_page(newsroom: Newsroom, *, story: str, sort: Sort, limit: int, after: str | None) -> ThreadPage:
    """Return a page of a story's approved comments.

    Raises:
        errors.InvalidInput: a limit out of bounds. errors.BadCursor: as read_cursor.
    """
    if not 1 <= limit <= MOST:
        raise errors.InvalidInput(f"The limit {limit} is not between 1 and {MOST}.", field="limit")
    position = read_cursor(newsroom, after, sort) if after else None
    found, end = await newsroom.database.read(
        lambda tx: threads.page(tx, story=story, sort=sort, limit=limit, after=position)
    )
    cursor = str(_cursors(newsroom).dumps(msgspec.to_builtins(end))) if end else None
    return ThreadPage(comments=found, next=cursor)


async def story_with_id(newsroom: Newsroom, id: str) -> Story:
    """Return one of this newsroom's stories. Raises errors.StoryNotFound."""
    story = await newsroom.database.read(lambda tx: stories.get_story(tx, id)) if is_slug(id) else None
    if story is None or story.site != newsroom.site:
        raise errors.StoryNotFound("No story of this newsroom has this id.")
    return story


async def latest(newsroom: Newsroom, *, language: str | None, limit: int) -> list[Story]:
    """Return the newest stories, in one language where it is given. Raises errors.InvalidInput."""
    if not 1 <= limit <= 100:
        raise errors.InvalidInput(f"The limit {limit} is not between 1 and 100.", field="limit")
    return await newsroom.database.read(
        lambda tx: stories.latest(tx, site=newsroom.site, language=language, limit=limit)
    )


async def published_comment(newsroom: Newsroom, id: str) -> Comment:
    """Return a published comment. Raises errors.CommentNotFound."""
    comment = await newsroom.database.read(lambda tx: load_comment(tx, site=newsroom.site, id=id))
    if comment.status is not Status.APPROVED:
        raise errors.CommentNotFound("There is no published comment with this id.")
    return comment
