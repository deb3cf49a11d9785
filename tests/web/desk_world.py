"""A desk for tests: people who are let in, comments that wait. It tests nothing itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any, cast

import httpx
import msgspec
import pytest

from majlis.domain.comment import Actor, Comment, Status
from majlis.domain.decision import Record, Verdict
from majlis.domain.site import Role, Staff, Story
from majlis.services import moderate, staff
from majlis.services.newsroom import Newsroom
from majlis.services.status import change_status
from majlis.services.submit import Draft, submit
from majlis.store import comments
from tests.conftest import NOON, Clock

ASKED = "Why is the council closing the bridge before the market week?"
Enter = Callable[[str, Role], Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def enter(site: tuple[Newsroom, Any]) -> AsyncIterator[Enter]:
    """Lets a person with a role into the desk, in a browser of their own."""
    newsroom, application = site
    async with AsyncExitStack() as stack:

        async def let_in(name: str, role: Role = Role.MODERATOR) -> httpx.AsyncClient:
            browser = httpx.AsyncClient(
                transport=httpx.ASGITransport(application),
                base_url="http://testserver",
                headers={
                    "origin": "http://testserver",
                    "accept": "text/html",
                    "content-type": "application/x-www-form-urlencoded",
                },
                follow_redirects=True,
            )
            await stack.enter_async_context(browser)
            token = await staff.one_time_login(
                newsroom.database, staff=await person(newsroom, name, role), now=NOON, random=newsroom.random(32)
            )
            assert (await browser.get(f"/desk/login?token={token}")).status_code == 200
            return browser

        yield let_in


async def person(newsroom: Newsroom, name: str, role: Role) -> Staff:
    return await staff.add_staff(
        newsroom.database, site="main", name=name, role=role, now=NOON, random=newsroom.random(10)
    )


async def waiting(newsroom: Newsroom, story: Story, body: str = ASKED, **changes: Any) -> Comment:
    """A comment that waits for a person, whatever the machine thinks of it."""
    blind = msgspec.structs.replace(Draft(url=story.url, body=body, name="charlie"), **changes)
    comment = (await submit(newsroom, blind)).comment
    pass_a_second(newsroom)
    if comment.status is not Status.PENDING:
        somebody = await person(newsroom, f"zoe {comment.id}", Role.ADMIN)
        other = "reject" if comment.status is Status.APPROVED else "approve"
        ruling = moderate.Ruling(
            comment=comment.id,
            seen=comment.version,
            verdict=Verdict(other),
            clauses=("off-topic",) if other == "reject" else (),
        )
        await moderate.rule(newsroom, somebody, ruling)
        pass_a_second(newsroom)
        await newsroom.database.write(lambda tx: _back_to_pending(tx, newsroom, comment.id))
        pass_a_second(newsroom)
    return await now_stored(newsroom, comment.id)


def pass_a_second(newsroom: Newsroom) -> None:
    """What happens in one millisecond has no order, and people are slower than that."""
    cast(Clock, newsroom.now).pass_seconds(1)


async def _back_to_pending(tx: Any, newsroom: Newsroom, id: str) -> None:
    stored = await comments.get_comment(tx, id)
    assert stored is not None
    record = Record(
        id=newsroom.new_id(),
        site="main",
        comment=id,
        at=newsroom.now(),
        actor="zoe",
        verdict=Verdict.REFER,
        status="pending",
    )
    await change_status(tx, newsroom, stored, actor=Actor.MODERATOR, record=record)


async def now_stored(newsroom: Newsroom, id: str) -> Comment:
    found = await newsroom.database.read(lambda tx: comments.get_comment(tx, id))
    assert found is not None
    return found


def decision(comment: Comment, verdict: str, *clauses: str, **fields: str) -> dict[str, str]:
    return {"verdict": verdict, "seen": str(comment.version)} | {f"clause-{one}": "on" for one in clauses} | fields
