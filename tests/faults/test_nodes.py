"""Several nodes on one PostgreSQL database see each other's changes: at once when told, soon when the telling fails."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest
from starlette.types import ASGIApp

from majlis.app import build, newsroom_of
from majlis.domain.site import Story
from majlis.services import stories
from majlis.services.newsroom import Newsroom
from majlis.services.review import sweep
from majlis.services.submit import Draft, submit
from majlis.signals.gather import Signals
from majlis.web.live import RECHECK_SECONDS, Live
from tests.conftest import a_story, config_for
from tests.faults.process import until

pytestmark = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


@dataclasses.dataclass
class Node:
    """One process's worth of Majlis, with what it does in the background."""

    newsroom: Newsroom
    live: Live
    client: httpx.AsyncClient

    async def title(self, story: Story) -> str:
        """Return a story's title as this node's readers see it."""
        answer = await self.client.get("/api/v1/threads", params={"story": story.url})
        return str(answer.json()["story"]["title"])


@asynccontextmanager
async def node(url: str, signals: Signals, **settings: object) -> AsyncIterator[Node]:
    """Run a node of this database."""
    config = config_for(url, **settings)
    async with newsroom_of(config, signals=signals) as (newsroom, live):
        app = build(config, newsroom, live)
        async with _running(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
            yield Node(newsroom, live, client)


@asynccontextmanager
async def _running(app: ASGIApp) -> AsyncIterator[None]:
    """Start and stop an application as a server does (ASGI lifespan)."""
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    heard: asyncio.Queue[Any] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.ensure_future(app(scope, said.get, heard.put))
    await said.put({"type": "lifespan.startup"})
    assert (await heard.get())["type"] == "lifespan.startup.complete"
    yield
    await said.put({"type": "lifespan.shutdown"})
    await task


@pytest.fixture
async def nodes(url: str, signals: Signals) -> AsyncIterator[tuple[Node, Node]]:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(node(url, signals))
        second = await stack.enter_async_context(node(url, signals))
        yield first, second


def renewed(story: Story) -> Story:
    """Return a story with another title."""
    return msgspec.structs.replace(story, title="The bridge opens")


async def hears(story: Story, one: Node, other: Node) -> None:
    """Wait until one node hears the other."""
    before = other.live.generation

    async def heard() -> bool:
        one.newsroom.announce(story.id)
        await asyncio.sleep(0.02)
        return other.live.generation > before

    await until(heard, 10)


async def test_a_change_on_one_node_ends_what_the_other_holds(nodes: tuple[Node, Node]) -> None:
    one, other = nodes
    story = await stories.publish(one.newsroom, a_story())
    await hears(story, one, other)
    assert await other.title(story) == story.title

    begun = asyncio.get_running_loop().time()
    await stories.publish(one.newsroom, renewed(story))

    async def shown() -> bool:
        return await other.title(story) == "The bridge opens"

    await until(shown, RECHECK_SECONDS)
    assert asyncio.get_running_loop().time() - begun < RECHECK_SECONDS / 2


async def test_watchers_of_every_node_are_told(nodes: tuple[Node, Node]) -> None:
    one, other = nodes
    story = await stories.publish(one.newsroom, a_story())

    async with other.live.watch(story.id, story.revision) as feed:
        changed = feed.changed
        await stories.publish(one.newsroom, renewed(story))
        await asyncio.wait_for(changed.wait(), 5)

    assert feed.revision == story.revision + 1


async def test_what_could_not_be_told_is_seen_by_looking_again(nodes: tuple[Node, Node]) -> None:
    one, other = nodes
    story = await stories.publish(one.newsroom, a_story())
    silent = dataclasses.replace(one.newsroom, announce=lambda _: None)

    async with other.live.watch(story.id, story.revision) as feed:
        assert await other.title(story) == story.title
        changed = feed.changed
        await stories.publish(silent, renewed(story))
        await asyncio.wait_for(changed.wait(), 2 * RECHECK_SECONDS)
        assert await other.title(story) == "The bridge opens"


async def test_a_lost_connection_is_made_again(nodes: tuple[Node, Node], url: str) -> None:
    one, other = nodes
    story = await stories.publish(one.newsroom, a_story())
    await hears(story, one, other)
    admin = await asyncpg.connect(url)
    await admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await admin.close()

    await hears(story, one, other)
    await hears(story, other, one)


async def test_a_comment_that_a_dead_node_left_is_judged_by_another_once(nodes: tuple[Node, Node], url: str) -> None:
    one, other = nodes
    story = await stories.publish(one.newsroom, a_story())

    class Dead(Exception):
        pass

    class Pool:
        def submit(self, *_: object) -> None:
            raise Dead

    dying = dataclasses.replace(one.newsroom, pool=Pool())  # type: ignore[arg-type]
    for number in range(5):
        with pytest.raises(Dead):
            await submit(dying, Draft(url=story.url, body=f"When does it open? {number}", name="bob", trusted=True))

    swept = await asyncio.gather(sweep(one.newsroom), sweep(other.newsroom))

    assert all(not each.failures for each in swept)
    assert (await sweep(other.newsroom)).judged == 0
    admin = await asyncpg.connect(url)
    decided = await admin.fetch("SELECT comment, count(*) AS records FROM records GROUP BY comment")
    await admin.close()
    assert [row["records"] for row in decided] == [1] * 5
