"""What the desk reads and hands out, on both databases."""

from __future__ import annotations

import pytest

from majlis import errors
from majlis.domain.comment import Comment, Status
from majlis.domain.decision import Verdict
from majlis.domain.site import Staff
from majlis.domain.text import search_form
from majlis.services import author, moderate, react
from majlis.services import desk as reading
from majlis.store.queues import Filter, Order, Shelf
from tests.conftest import Clock, Desk

SWEDISH = "Vilken fin berättelse! Jag lärde mig läsa i ett bibliotek, fråga nummer %d."


async def waiting(desk: Desk, clock: Clock, count: int) -> list[Comment]:
    """Comments in a language that the machine leaves to people, a minute apart."""
    made = []
    for number in range(count):
        clock.pass_seconds(60)
        made.append(await desk.post(SWEDISH % number, name=f"charlie {number}"))
    assert {comment.status for comment in made} == {Status.PENDING}
    return made


@pytest.mark.parametrize("order", list(Order))
async def test_pages_of_a_list_hold_everything_once(desk: Desk, clock: Clock, order: Order) -> None:
    made = await waiting(desk, clock, reading.PAGE + 2)
    listing = reading.Listing(order=order)

    first = await reading.list_page(desk.newsroom, listing, after=None)
    assert first.next
    rest = await reading.list_page(desk.newsroom, listing, after=first.next)

    found = [item.comment.id for item in (*first.items, *rest.items)]
    assert rest.next is None
    assert sorted(found) == sorted(comment.id for comment in made)
    with pytest.raises(errors.BadCursor):
        await reading.list_page(desk.newsroom, reading.Listing(shelf=Shelf.APPROVED), after=first.next)


@pytest.mark.parametrize("order", list(Order))
async def test_going_forward_and_back_passes_over_what_a_colleague_holds(
    desk: Desk, bob: Staff, clock: Clock, order: Order
) -> None:
    await waiting(desk, clock, 4)
    listing = reading.Listing(order=order)
    page = await reading.list_page(desk.newsroom, listing, after=None)
    one, two, three, four = (item.comment.id for item in page.items)
    await moderate.claim(desk.newsroom, bob, two)

    async def go(at: str | None, back: bool = False) -> str | None:
        return await reading.step(desk.newsroom, desk.moderator, listing, at=at, back=back)

    assert await go(None) == one
    assert await go(one) == three
    assert await go(three) == four
    assert await go(four) == one
    assert await go(three, back=True) == one
    assert await go(one, back=True) is None
    assert await reading.step(desk.newsroom, bob, listing, at=two) == three
    taken = await reading.case(desk.newsroom, three)
    assert taken.comment.claimed_by == bob.id


async def test_a_case_holds_all_that_surrounds_a_comment(desk: Desk, clock: Clock) -> None:
    parent = await desk.publish("When does the bridge open again for people on foot?")
    clock.pass_seconds(60)
    reply = await desk.publish("In the spring, says the council, if the river lets them.", parent=parent.id)
    await react.report(
        desk.newsroom, comment=reply.id, clause="off-topic", reason="No.", reporter="bob", address="192.0.2.9"
    )

    case = await reading.case(desk.newsroom, reply.id)

    assert case.parent is not None
    assert case.parent.id == parent.id
    assert [comment.id for comment in case.around] == [parent.id, reply.id]
    assert [comment.id for comment in case.last] == [parent.id]
    assert case.tally == {"approved": 2}
    assert [report.reason for report in case.reports] == ["No."]
    assert case.decision is not None
    assert case.entries[0].kind == "submitted"
    listed = await reading.list_page(desk.newsroom, reading.Listing(shelf=Shelf.REPORTED), after=None)
    assert [item.reports[0].reason for item in listed.items] == ["No."]


async def test_search_is_folded_and_takes_no_wildcards(desk: Desk, clock: Clock) -> None:
    made = await waiting(desk, clock, 2)

    async def find(words: str) -> list[str]:
        listing = reading.Listing(filter=Filter(search=search_form(words)))
        return [item.comment.id for item in (await reading.list_page(desk.newsroom, listing, after=None)).items]

    assert await find("BERATTELSE") == [comment.id for comment in made]
    assert await find("nummer 1") == [made[1].id]
    assert await find("%") == []
    assert await find("nummer_1") == []


async def test_an_objection_to_a_withdrawn_comment_waits_for_nobody(desk: Desk, bob: Staff) -> None:
    rejected = await desk.reject()
    token = author.receipt_token(desk.newsroom, rejected.id)
    await author.appeal(desk.newsroom, token, "It is about the bridge.")
    assert len(await reading.appeals(desk.newsroom, bob)) == 1

    await author.withdraw(desk.newsroom, token)

    assert await reading.appeals(desk.newsroom, bob) == []
    assert (await reading.overview(desk.newsroom, bob)).appeals == 0


async def test_a_decision_cannot_be_made_past_an_objection(desk: Desk, bob: Staff) -> None:
    rejected = await desk.reject()
    token = author.receipt_token(desk.newsroom, rejected.id)
    await author.appeal(desk.newsroom, token, "It is about the bridge.")
    ruling = moderate.Ruling(comment=rejected.id, seen=rejected.version, verdict=Verdict.APPROVE)

    with pytest.raises(errors.IllegalMove):
        await moderate.rule(desk.newsroom, bob, ruling)
