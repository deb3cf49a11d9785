"""Pages of a thread: every published comment once, in the order asked for, whatever happens between two pages."""

from __future__ import annotations

import pytest

from majlis import errors
from majlis.services import react, thread
from majlis.services.newsroom import Newsroom
from majlis.store.threads import Sort
from tests.conftest import Clock, Desk


async def walk(newsroom: Newsroom, story: str, sort: Sort, limit: int) -> list[str]:
    """Return the ids of all pages."""
    found: list[str] = []
    after = None
    while True:
        page = await thread.thread_page(newsroom, story=story, sort=sort, limit=limit, after=after)
        found += [comment.id for comment in page.comments]
        if page.next is None:
            return found
        after = page.next


@pytest.fixture
async def ids(desk: Desk, clock: Clock) -> dict[str, str]:
    """Three conversations: a (2 likes) with two replies, b, c (1 like)."""
    made = {}
    for name in "abc":
        clock.pass_seconds(1)
        made[name] = (await desk.publish(f"Comment {name} about the bridge and the river")).id
    for name in ("a1", "a2"):
        clock.pass_seconds(1)
        made[name] = (await desk.publish(f"Reply {name} about the bridge", parent=made["a"])).id
    for name, likes in (("a", 2), ("c", 1)):
        for reader in range(likes):
            await react.like(desk.newsroom, comment=made[name], reader=f"r{reader}", address="192.0.2.1", liked=True)
    return made


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
@pytest.mark.parametrize(
    ("sort", "order"), [(Sort.NEWEST, "c b a a1 a2"), (Sort.OLDEST, "a a1 a2 b c"), (Sort.TOP, "a a1 a2 c b")]
)
async def test_conversations_are_sorted_and_replies_follow(
    desk: Desk, ids: dict[str, str], sort: Sort, order: str, limit: int
) -> None:
    expected = [ids[name] for name in order.split()]

    assert await walk(desk.newsroom, desk.story.id, sort, limit) == expected


async def test_comments_that_come_between_two_pages_do_not_repeat_any(desk: Desk, ids: dict[str, str]) -> None:
    first = await thread.thread_page(desk.newsroom, story=desk.story.id, sort=Sort.NEWEST, limit=2, after=None)
    await desk.publish("A newer comment about the river")
    second = await thread.thread_page(desk.newsroom, story=desk.story.id, sort=Sort.NEWEST, limit=10, after=first.next)

    assert [comment.id for comment in first.comments + second.comments] == [ids[n] for n in ["c", "b", "a", "a1", "a2"]]


async def test_a_cursor_of_another_order_or_of_nobody_is_refused(desk: Desk, ids: dict[str, str]) -> None:
    page = await thread.thread_page(desk.newsroom, story=desk.story.id, sort=Sort.NEWEST, limit=1, after=None)
    assert page.next

    for cursor in (page.next[:-2], "nonsense", "\x00", "٠"):
        with pytest.raises(errors.BadCursor):
            await thread.thread_page(desk.newsroom, story=desk.story.id, sort=Sort.NEWEST, limit=1, after=cursor)
    with pytest.raises(errors.BadCursor):
        await thread.thread_page(desk.newsroom, story=desk.story.id, sort=Sort.TOP, limit=1, after=page.next)


async def test_counts_follow_what_is_published(desk: Desk, ids: dict[str, str]) -> None:
    story = await thread.story_with_id(desk.newsroom, desk.story.id)
    page = await thread.thread_page(desk.newsroom, story=story.id, sort=Sort.OLDEST, limit=1, after=None)

    assert story.comments == len(ids)
    assert page.comments[0].replies == 2
