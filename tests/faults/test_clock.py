"""A clock that was wrong and is set back an hour: nothing is lost, held, hidden or out of order because of it."""

from __future__ import annotations

import dataclasses

import pytest

from majlis import errors
from majlis.domain.comment import Status
from majlis.domain.decision import Verdict
from majlis.domain.site import Staff
from majlis.services import desk as reading
from majlis.services import moderate, proof
from majlis.services.review import sweep
from majlis.services.submit import Draft, submit
from majlis.services.thread import thread_page
from majlis.store import log
from majlis.store.threads import Sort
from tests.conftest import Clock, Desk

HOUR = 3_600
DOUBTFUL = "Vote them all out. They lie and lie, and everybody knows it."


@pytest.mark.parametrize("sort", list(Sort))
async def test_an_answer_still_stands_behind_what_it_answers(desk: Desk, clock: Clock, sort: Sort) -> None:
    first = await desk.publish("When does the bridge open again?")
    clock.pass_seconds(-HOUR)
    second = await desk.publish("In spring, says the council.", parent=first.id, name="bob")
    third = await desk.publish("Thank you for looking that up.", parent=second.id)

    page = await thread_page(desk.newsroom, story=desk.story.id, sort=sort, limit=10, after=None)

    assert [comment.id for comment in page.comments] == [first.id, second.id, third.id]
    assert await log.verify(desk.newsroom.database, "main") > 0


async def test_a_claim_from_the_future_keeps_nobody_away(desk: Desk, bob: Staff, clock: Clock) -> None:
    comment = await desk.post(DOUBTFUL)
    assert comment.status is Status.PENDING
    await moderate.claim(desk.newsroom, desk.moderator, comment.id)
    with pytest.raises(errors.Claimed):
        await moderate.claim(desk.newsroom, bob, comment.id)

    clock.pass_seconds(-HOUR)

    assert await reading.step(desk.newsroom, bob, reading.Listing(), at=None) == comment.id
    ruling = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.APPROVE)
    with pytest.raises(errors.Claimed):
        await moderate.rule(desk.newsroom, desk.moderator, ruling)
    assert (await moderate.rule(desk.newsroom, bob, ruling))[0].status is Status.APPROVED


async def test_a_form_that_was_open_meanwhile_is_taken(desk: Desk, clock: Clock) -> None:
    token = proof.form_token(desk.newsroom, desk.story.id)
    clock.pass_seconds(-HOUR)

    assert proof.check_form(desk.newsroom, token, desk.story.id).value == token


async def test_what_nobody_judged_before_is_judged_after(desk: Desk, clock: Clock) -> None:
    calm = "Is the ferry running while the bridge is closed?"

    class Away:
        def submit(self, *_: object) -> None:
            raise errors.StoreUnavailable("The database is away.")

    away = dataclasses.replace(desk.newsroom, pool=Away())  # type: ignore[arg-type]
    comment = (await submit(away, Draft(url=desk.story.url, body=calm, name="bob"))).comment
    assert comment.status is Status.PENDING
    assert comment.risk is None
    clock.pass_seconds(-HOUR)

    assert (await sweep(desk.newsroom, settled=10_000)).judged == 1
