"""Who leaves the desk is out at once, by every way in; what they decided stays under their name. On both databases."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from majlis import errors
from majlis.domain.comment import Comment, Status
from majlis.domain.decision import Verdict
from majlis.domain.site import Role, Staff
from majlis.services import appeal, author, moderate, roster, staff
from majlis.services import desk as reading
from majlis.services.newsroom import Newsroom
from majlis.services.opening import ensure_site
from majlis.store import archive, comments, log
from majlis.store.database import Connection
from majlis.store.query import Row
from tests.conftest import Clock, Desk

SWEDISH = "Vilken fin berättelse! Jag lärde mig läsa i ett bibliotek."
PASSWORD = "a long enough one"
ADDRESS = "192.0.2.7"


@pytest.fixture
async def charlie(newsroom: Newsroom) -> Staff:
    """The admin of the desk, beside alice, who is a moderator, and bob, who is an editor."""
    return await added(newsroom, "charlie", Role.ADMIN)


async def added(newsroom: Newsroom, name: str, role: Role) -> Staff:
    return await staff.add_staff(
        newsroom.database, site="main", name=name, role=role, now=newsroom.now(), random=newsroom.random(10)
    )


async def invited(newsroom: Newsroom, person: Staff) -> str:
    return await staff.one_time_login(newsroom.database, staff=person, now=newsroom.now(), random=newsroom.random(32))


async def enter(newsroom: Newsroom, person: Staff) -> str:
    """Let a person in with a one-time login. Return the token of their session."""
    return (await staff.log_in_once(newsroom, token=await invited(newsroom, person), address=ADDRESS))[1]


async def remove(newsroom: Newsroom, person: Staff, by: str = staff.OPERATOR) -> None:
    await roster.remove(newsroom.database, site="main", id=person.id, by=by, now=newsroom.now())


async def give(newsroom: Newsroom, person: Staff, role: Role, by: str = staff.OPERATOR) -> None:
    await roster.change_role(newsroom.database, site="main", id=person.id, role=role, by=by, now=newsroom.now())


async def names(newsroom: Newsroom) -> list[str]:
    return [person.name for person in await roster.everybody(newsroom.database, site="main")]


async def told(newsroom: Newsroom) -> list[tuple[str, str, dict[str, str]]]:
    """What the log says of people, oldest first: kind, actor, content."""

    async def read(tx: Connection) -> list[Row]:
        return [row async for row in archive.rows(tx, site="main", table="log")]

    rows = await newsroom.database.read(read)
    return [
        (row["kind"], row["actor"], msgspec.json.decode(row["content"]))
        for row in rows
        if row["kind"].startswith("staff-")
    ]


async def stored(newsroom: Newsroom, comment: Comment) -> Comment:
    found = await newsroom.database.read(lambda tx: comments.get_comment(tx, comment.id))
    assert found is not None
    return found


async def test_who_is_removed_is_out_with_their_next_request(newsroom: Newsroom, alice: Staff, bob: Staff) -> None:
    at_home, at_work, of_bob = [await enter(newsroom, person) for person in (alice, alice, bob)]
    assert (await staff.who(newsroom, at_home)).name == "alice"

    await remove(newsroom, alice)

    for session in (at_home, at_work):
        with pytest.raises(errors.LoginRequired):
            await staff.who(newsroom, session)
    assert (await staff.who(newsroom, of_bob)).name == "bob"
    assert await names(newsroom) == ["bob"]


async def test_no_way_in_is_left_to_who_was_removed(newsroom: Newsroom, alice: Staff) -> None:
    await staff.set_password(newsroom, alice, PASSWORD)
    await staff.log_in(newsroom, name="alice", password=PASSWORD, address=ADDRESS)
    token = await invited(newsroom, alice)

    await remove(newsroom, alice)

    with pytest.raises(errors.LoginFailed):
        await staff.log_in(newsroom, name="alice", password=PASSWORD, address=ADDRESS)
    with pytest.raises(errors.LoginFailed):
        await staff.log_in_once(newsroom, token=token, address=ADDRESS)
    with pytest.raises(errors.NotFound):
        await staff.invite(newsroom, alice.id)
    with pytest.raises(errors.NotFound, match="'alice' is not at the desk"):
        await invited(newsroom, alice)


async def test_a_login_that_was_under_way_meanwhile_is_refused(newsroom: Newsroom, alice: Staff) -> None:
    await staff.set_password(newsroom, alice, PASSWORD)

    entered, _ = await asyncio.gather(
        staff.log_in(newsroom, name="alice", password=PASSWORD, address=ADDRESS),
        remove(newsroom, alice),
        return_exceptions=True,
    )

    if isinstance(entered, tuple):
        with pytest.raises(errors.LoginRequired):
            await staff.who(newsroom, entered[1])
    else:
        assert isinstance(entered, errors.LoginFailed)
    await staff.set_password(newsroom, alice, PASSWORD)
    with pytest.raises(errors.LoginFailed):
        await staff.log_in(newsroom, name="alice", password=PASSWORD, address=ADDRESS)


async def test_what_they_had_claimed_can_be_decided_by_others_at_once(desk: Desk, alice: Staff, bob: Staff) -> None:
    newsroom = desk.newsroom
    hers, his = await desk.post(SWEDISH), await desk.post(f"{SWEDISH} Verkligen!", name="bob")
    assert (hers.status, his.status) == (Status.PENDING, Status.PENDING)
    await moderate.claim(newsroom, alice, hers.id)
    await moderate.claim(newsroom, bob, his.id)
    with pytest.raises(errors.Claimed):
        await moderate.claim(newsroom, bob, hers.id)

    await remove(newsroom, alice)

    assert (await stored(newsroom, hers)).claimed_by is None
    assert (await stored(newsroom, his)).claimed_by == bob.id
    ruling = moderate.Ruling(comment=hers.id, seen=hers.version, verdict=Verdict.APPROVE)
    assert (await moderate.rule(newsroom, bob, ruling))[0].status is Status.APPROVED


async def test_past_decisions_keep_their_name_and_the_log_stays_whole(desk: Desk, alice: Staff, bob: Staff) -> None:
    newsroom = desk.newsroom
    comment = await desk.post(SWEDISH)
    ruling = moderate.Ruling(
        comment=comment.id, seen=comment.version, verdict=Verdict.REJECT, clauses=("off-topic",), note="No."
    )
    await moderate.rule(newsroom, alice, ruling)
    token = author.receipt_token(newsroom, comment.id)
    before, reasons = await reading.case(newsroom, comment.id), await author.receipt(newsroom, token)

    await remove(newsroom, alice, by=bob.id)

    after = await reading.case(newsroom, comment.id)
    assert (after.entries, after.records) == (before.entries, before.records)
    assert await author.receipt(newsroom, token) == reasons
    assert (await reading.overview(newsroom, bob)).names[alice.id] == "alice"
    assert await told(newsroom) == [("staff-removed", bob.id, {"staff": alice.id, "role": "moderator"})]
    assert await log.verify(newsroom.database, "main") == len(after.entries) + 1


async def test_the_last_admin_can_neither_be_removed_nor_be_made_less(
    newsroom: Newsroom, alice: Staff, charlie: Staff
) -> None:
    session = await enter(newsroom, charlie)

    for attempt in (remove(newsroom, charlie), give(newsroom, charlie, Role.EDITOR)):
        with pytest.raises(errors.LastAdmin, match="'charlie' is the only admin of the desk 'main'") as refused:
            await attempt
        assert (refused.value.code, refused.value.status) == ("last-admin", 409)
        assert refused.value.hint == "Make somebody else an admin first."
    assert (await staff.who(newsroom, session)).role is Role.ADMIN
    assert await told(newsroom) == []

    await give(newsroom, alice, Role.ADMIN)
    await remove(newsroom, charlie)
    with pytest.raises(errors.LastAdmin):
        await remove(newsroom, alice)
    assert await names(newsroom) == ["alice"]


async def test_an_admin_who_left_and_one_of_another_newsroom_count_for_nothing(
    newsroom: Newsroom, alice: Staff, charlie: Staff
) -> None:
    await give(newsroom, alice, Role.ADMIN)
    await remove(newsroom, alice)
    await ensure_site(newsroom.database, site="other", name="The Autumn", now=newsroom.now())
    await staff.add_staff(
        newsroom.database, site="other", name="bob", role=Role.ADMIN, now=newsroom.now(), random=newsroom.random(10)
    )

    with pytest.raises(errors.LastAdmin):
        await remove(newsroom, charlie)
    with pytest.raises(errors.NotFound):
        await roster.remove(newsroom.database, site="other", id=charlie.id, by="operator", now=newsroom.now())


async def test_another_role_holds_from_the_next_request_on(newsroom: Newsroom, alice: Staff, bob: Staff) -> None:
    session = await enter(newsroom, alice)

    await give(newsroom, alice, Role.ADMIN, by=bob.id)
    await give(newsroom, alice, Role.ADMIN, by=bob.id)

    assert (await staff.who(newsroom, session)).role is Role.ADMIN
    given = {"staff": alice.id, "from": "moderator", "role": "admin"}
    assert await told(newsroom) == [("staff-role", bob.id, given)]


async def test_nobody_is_removed_twice_or_by_a_name_that_is_not_there(newsroom: Newsroom, alice: Staff) -> None:
    await remove(newsroom, alice)

    with pytest.raises(errors.NotFound):
        await remove(newsroom, alice)
    with pytest.raises(errors.NotFound):
        await give(newsroom, alice, Role.ADMIN)
    with pytest.raises(errors.NotFound, match="nobody called 'alice'"):
        await roster.named(newsroom.database, site="main", name="alice")
    with pytest.raises(errors.InvalidInput):
        await roster.named(newsroom.database, site="main", name="al\0ice")


async def test_a_name_that_comes_back_is_the_same_account_with_nothing_that_let_it_in(
    newsroom: Newsroom, alice: Staff, bob: Staff, clock: Clock
) -> None:
    await staff.set_password(newsroom, alice, PASSWORD)
    session, token = await enter(newsroom, alice), await invited(newsroom, alice)
    await remove(newsroom, alice)
    clock.pass_seconds(60)

    again = await staff.add_staff(
        newsroom.database,
        site="main",
        name="alice",
        role=Role.EDITOR,
        now=newsroom.now(),
        random=newsroom.random(10),
        by=bob.id,
    )

    assert again == msgspec.structs.replace(alice, role=Role.EDITOR)
    with pytest.raises(errors.LoginRequired):
        await staff.who(newsroom, session)
    with pytest.raises(errors.LoginFailed):
        await staff.log_in_once(newsroom, token=token, address=ADDRESS)
    with pytest.raises(errors.LoginFailed):
        await staff.log_in(newsroom, name="alice", password=PASSWORD, address=ADDRESS)
    assert not await staff.has_password(newsroom, again)
    assert (await staff.who(newsroom, await enter(newsroom, again))).role is Role.EDITOR
    assert (await told(newsroom))[1:] == [("staff-restored", bob.id, {"staff": alice.id, "role": "editor"})]
    with pytest.raises(errors.StaffExists):
        await added(newsroom, "alice", Role.ADMIN)


async def test_who_comes_back_cannot_decide_the_objection_to_their_own_rejection(desk: Desk, alice: Staff) -> None:
    newsroom = desk.newsroom
    comment = await desk.post(SWEDISH)
    ruling = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.REJECT, clauses=("off-topic",))
    await moderate.rule(newsroom, alice, ruling)
    token = author.receipt_token(newsroom, comment.id)
    objection = await author.appeal(newsroom, token, "It is about the bridge.")
    await remove(newsroom, alice)
    again = await added(newsroom, "alice", Role.ADMIN)

    with pytest.raises(errors.SamePerson):
        await appeal.decide(newsroom, again, appeal=objection.id, overturn=True, note="")
