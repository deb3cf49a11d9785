"""Webhooks: told with the decision, signed, delivered in the end or given up in sight of the admin."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.responses import Response

from majlis import errors
from majlis.app import newsroom_of
from majlis.domain.decision import Verdict
from majlis.services import author, deliver, moderate, undelivered
from majlis.services.newsroom import Newsroom
from majlis.signals.gather import Signals
from majlis.store import jobs, tables
from majlis.store.jobs import Job
from majlis.store.query import Query
from tests.conftest import Clock, Desk, a_story, config_for
from tests.receiver import OLD_SECRET, SECRET, Receiver, receiver
from tests.served import serving

LOOPBACK = ("127.0.0.0/8",)
INSULT = "You are an idiot and everybody knows it."
HOUR = 3_600
ALL_JOBS = Query(select(tables.jobs))


@pytest.fixture
def there() -> Receiver:
    """The newsroom's own system, not up yet."""
    return receiver()


@pytest.fixture
def settings(url: str, there: Receiver) -> dict[str, Any]:
    return {"webhooks": (f"{there.url} {SECRET} {OLD_SECRET}",), "webhook_networks": LOOPBACK}


@pytest.fixture
async def newsroom(url: str, settings: dict[str, Any], clock: Clock, signals: Signals) -> AsyncIterator[Newsroom]:
    """A newsroom whose clock shows the time, since signatures that are older than minutes are refused."""
    clock.now = time.time_ns() // 1_000_000
    async with newsroom_of(config_for(url, **settings), now=clock, signals=signals) as (opened, _):
        yield opened


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with deliver.connect() as made:
        yield made


async def deliver_all(newsroom: Newsroom, client: httpx.AsyncClient) -> int:
    """Try everything that is due now, once, and return how much that was."""
    tried = 0
    while taken := await deliver.deliver_due(newsroom, newsroom.hooks[0], client):
        tried += taken
    return tried


async def waiting(newsroom: Newsroom) -> list[undelivered.Receiver]:
    return (await undelivered.overview(newsroom)).receivers


async def test_what_happens_to_a_comment_is_told_and_signed(
    desk: Desk, there: Receiver, client: httpx.AsyncClient
) -> None:
    comment = await desk.reject(INSULT)
    objection = await author.appeal(desk.newsroom, author.receipt_token(desk.newsroom, comment.id), "It was a joke.")

    async with there.up():
        assert await deliver_all(desk.newsroom, client) == 3

    told = {message.verified()["type"]: message.verified()["data"] for message in there.heard}
    assert set(told) == {"comment.submitted", "comment.rejected", "comment.appealed"}
    assert [message.verified(OLD_SECRET)["type"] for message in there.heard] == there.kinds
    assert told["comment.submitted"]["comment"] == {
        "id": comment.id,
        "version": 0,
        "story": {"url": desk.story.url, "title": desk.story.title},
        "parent": None,
        "author": {"name": "charlie"},
        "body": INSULT,
        "language": "en",
        "dir": "ltr",
        "submitted_at": told["comment.submitted"]["comment"]["submitted_at"],
    }
    decision = told["comment.rejected"]["decision"]
    assert decision["status"] == "rejected"
    assert "personal-attack" in [cited["clause"] for cited in decision["clauses"]]
    for cited in decision["clauses"]:
        for words in cited["quotes"]:
            assert words["quote"] == INSULT[words["start"] : words["end"]]
    assert told["comment.appealed"]["appeal"]["id"] == objection.id
    assert told["comment.appealed"]["appeal"]["against"] == decision["id"] == told["comment.appealed"]["decision"]["id"]
    assert await deliver_all(desk.newsroom, client) == 0


async def test_a_running_server_tells_by_itself(there: Receiver, tmp_path: Path, signals: Signals) -> None:
    told = {"webhooks": (f"{there.url} {SECRET}",), "webhook_networks": LOOPBACK}
    comment = {"story": {"url": a_story().url}, "author": {"name": "alice"}, "body": "When does the bridge open again?"}
    async with there.up():
        with serving(tmp_path, signals, **told) as server:
            async with httpx.AsyncClient(headers={"authorization": f"Bearer {server.key}"}) as program:
                posted = await program.post(f"{server.origin}/api/v1/comments", json=comment)
            async with asyncio.timeout(60):
                while "comment.submitted" not in there.kinds:
                    await asyncio.sleep(0.05)

    assert there.heard[0].verified()["data"]["comment"]["id"] == posted.json()["id"]


async def test_an_approval_is_told_with_its_version(desk: Desk, there: Receiver, client: httpx.AsyncClient) -> None:
    comment = await desk.publish()

    async with there.up():
        await deliver_all(desk.newsroom, client)

    approved = [
        message.verified()["data"] for message in there.heard if message.verified()["type"] != "comment.submitted"
    ]
    assert [data["decision"]["status"] for data in approved] == ["approved"]
    assert approved[0]["comment"]["version"] == comment.version


async def test_nothing_is_told_of_what_was_not_stored(desk: Desk) -> None:
    comment = await desk.publish()
    before = await waiting(desk.newsroom)
    stale = moderate.Ruling(
        comment=comment.id, seen=comment.version + 7, verdict=Verdict.REJECT, clauses=("off-topic",)
    )

    with pytest.raises(errors.Stale):
        await moderate.rule(desk.newsroom, desk.moderator, stale)

    assert await waiting(desk.newsroom) == before


async def test_words_that_their_author_took_back_are_not_told_any_more(
    desk: Desk, there: Receiver, client: httpx.AsyncClient
) -> None:
    comment = await desk.reject(INSULT)
    await author.withdraw(desk.newsroom, author.receipt_token(desk.newsroom, comment.id))

    async with there.up():
        await deliver_all(desk.newsroom, client)

    assert there.heard
    for message in there.heard:
        assert INSULT not in message.body.decode()
        assert (message.verified()["data"]["comment"]["body"], "charlie" in message.body.decode()) == (None, False)


async def test_a_receiver_that_was_down_gets_the_same_message_later(
    desk: Desk, there: Receiver, client: httpx.AsyncClient, clock: Clock
) -> None:
    await desk.publish()
    told = await deliver_all(desk.newsroom, client)
    assert await deliver_all(desk.newsroom, client) == 0
    waits = await jobs_of(desk.newsroom)
    assert {job.error for job in waits} == {"ConnectError"}

    async with there.up():
        clock.pass_seconds(4.9)
        assert await deliver_all(desk.newsroom, client) == 0
        clock.pass_seconds(2.6)
        assert await deliver_all(desk.newsroom, client) == told

    assert {message.headers["webhook-id"] for message in there.heard} == {job.id for job in waits}
    assert "comment.approved" in there.kinds
    assert await jobs_of(desk.newsroom) == []


async def test_a_slow_receiver_is_not_waited_for(
    desk: Desk, there: Receiver, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "SECONDS", 0.3)
    await desk.post()

    async with there.up():
        there.open.clear()
        await deliver_all(desk.newsroom, client)

    assert {job.error for job in await jobs_of(desk.newsroom)} == {"timeout"}


async def test_what_a_node_took_before_it_died_comes_back_after_the_lease(
    desk: Desk, there: Receiver, client: httpx.AsyncClient, clock: Clock
) -> None:
    await desk.post(INSULT)
    async with there.up():
        there.open.clear()
        dying = asyncio.create_task(deliver.deliver_due(desk.newsroom, desk.newsroom.hooks[0], client))
        async with asyncio.timeout(10):
            while not there.heard:
                await asyncio.sleep(0.01)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        there.open.set()
        left = len(await jobs_of(desk.newsroom))
        assert left > 0
        assert await deliver_all(desk.newsroom, client) == 0
        clock.pass_seconds(deliver.LEASE_MS / 1000)

        assert await deliver_all(desk.newsroom, client) == left

    assert await jobs_of(desk.newsroom) == []
    assert len({message.headers["webhook-id"] for message in there.heard}) == left


async def test_a_node_that_comes_back_late_changes_nothing(newsroom: Newsroom, clock: Clock) -> None:
    job = Job(id="0" * 32, site="main", kind="any", target="t", content="{}", created_at=clock(), due_at=clock())
    await newsroom.database.write(lambda tx: jobs.add_jobs(tx, [job]))

    async def take() -> list[Job]:
        now = clock()
        return await newsroom.database.write(
            lambda tx: jobs.take(tx, site="main", kind="any", target="t", now=now, until=now + 1000, limit=9)
        )

    (late,) = await take()
    assert await take() == []
    clock.pass_seconds(1)
    (again,) = await take()

    assert (late.attempts, again.attempts) == (1, 2)
    assert not await newsroom.database.write(lambda tx: jobs.finish(tx, late))
    assert not await newsroom.database.write(lambda tx: jobs.put_back(tx, late, due_at=0, error="x"))
    assert not await newsroom.database.write(lambda tx: jobs.bury(tx, late, dead_at=1, error="x"))
    assert await newsroom.database.write(lambda tx: jobs.finish(tx, again))


async def test_several_nodes_send_each_message_once(
    desk: Desk, url: str, settings: dict[str, Any], there: Receiver, client: httpx.AsyncClient, signals: Signals
) -> None:
    for number in range(20):
        await desk.post(f"When does the bridge open again? {number}")
    written = len(await jobs_of(desk.newsroom))
    nodes = [desk.newsroom]
    async with there.up():
        if url.startswith("postgresql"):
            config = config_for(url, **settings)
            async with newsroom_of(config, now=desk.newsroom.now, signals=signals) as (other, _):
                tried = await asyncio.gather(*(deliver_all(node, client) for node in [*nodes, other] * 3))
        else:
            tried = await asyncio.gather(*(deliver_all(node, client) for node in nodes * 6))

    assert written >= 20
    assert sum(tried) == len(there.heard) == written
    assert len({message.headers["webhook-id"] for message in there.heard}) == written


async def test_a_message_is_given_up_in_the_end_and_an_admin_sends_it_again(
    desk: Desk, there: Receiver, client: httpx.AsyncClient, clock: Clock
) -> None:
    begun = clock.now
    await desk.post(INSULT)
    written = len(await jobs_of(desk.newsroom))
    for _ in range(deliver.ATTEMPTS):
        assert await deliver_all(desk.newsroom, client) == written
        clock.pass_seconds(18 * HOUR)
    assert await deliver_all(desk.newsroom, client) == 0
    seen = await undelivered.overview(desk.newsroom)
    assert (seen.receivers[0].waiting, seen.receivers[0].dead) == (0, written)
    assert {dead.job.error for dead in seen.dead} == {"ConnectError"}
    clock.now = begun

    await undelivered.send_again(desk.newsroom, seen.dead[0].job.id)
    async with there.up():
        assert await deliver_all(desk.newsroom, client) == 1
        await undelivered.begin_again(desk.newsroom, there.url)
        assert await deliver_all(desk.newsroom, client) == written - 1

    assert "comment.submitted" in there.kinds
    assert (await undelivered.overview(desk.newsroom)).dead == []
    with pytest.raises(errors.NotFound):
        await undelivered.send_again(desk.newsroom, seen.dead[0].job.id)


async def test_a_receiver_that_is_gone_is_left_alone_until_an_admin_begins_again(
    desk: Desk, there: Receiver, client: httpx.AsyncClient
) -> None:
    there.answers = [Response(status_code=410)]
    await desk.post(INSULT)
    async with there.up():
        await deliver.deliver_due(desk.newsroom, desk.newsroom.hooks[0], client)
        heard = len(there.heard)
        (seen,) = await waiting(desk.newsroom)
        assert (seen.stopped_at, seen.waiting) == (desk.newsroom.now(), 0)
        assert seen.dead > 0
        await desk.post("Will there be a ferry until spring?")
        assert await deliver_all(desk.newsroom, client) == 0
        assert await waiting(desk.newsroom) == [seen]

        await undelivered.begin_again(desk.newsroom, there.url)
        assert await deliver_all(desk.newsroom, client) == seen.dead
        await desk.post("Is the ferry free of charge?")
        assert await deliver_all(desk.newsroom, client) > 0

    assert len(there.heard) > heard
    assert (await waiting(desk.newsroom))[0].stopped_at is None


async def test_a_receiver_that_asks_for_time_gets_it(
    desk: Desk, there: Receiver, client: httpx.AsyncClient, clock: Clock
) -> None:
    comment = await desk.post()
    there.answers = [Response(status_code=503, headers={"retry-after": "120"})] * 9
    async with there.up():
        tried = await deliver_all(desk.newsroom, client)
        there.answers.clear()
        clock.pass_seconds(119)
        assert await deliver_all(desk.newsroom, client) == 0
        clock.pass_seconds(1)
        assert await deliver_all(desk.newsroom, client) == tried

    assert comment.id in there.heard[-1].body.decode()


async def test_messages_for_a_receiver_that_was_taken_out_of_the_settings_are_given_up(
    desk: Desk, there: Receiver
) -> None:
    await desk.post()
    without = replace(desk.newsroom, hooks=())

    tidying = asyncio.create_task(deliver.tidy_forever(without))
    async with asyncio.timeout(10):
        while (seen := (await waiting(without))[0]).waiting:
            await asyncio.sleep(0.01)
    tidying.cancel()

    assert (seen.known, seen.dead > 0) == (False, True)
    with pytest.raises(errors.NotFound):
        await undelivered.begin_again(without, there.url)


def test_waiting_grows_from_seconds_to_hours() -> None:
    assert [deliver.backoff(attempts, 0) // 1000 for attempts in (1, 2, 3, 7, 8, 11)] == [
        5,
        20,
        80,
        20480,
        43200,
        43200,
    ]
    assert deliver.backoff(1, 0.999) < 7_500
    assert sum(deliver.backoff(attempts, 0) for attempts in range(1, deliver.ATTEMPTS)) > 2 * 86_400_000 / 1.1


async def jobs_of(newsroom: Newsroom) -> list[Job]:
    """Return the jobs that are there."""
    return [Job(**row) for row in await newsroom.database.read(lambda tx: tx.all(ALL_JOBS))]
