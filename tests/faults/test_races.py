"""Many moderators at the same moment: nobody is handed what another one holds, and each comment is decided once."""

from __future__ import annotations

import asyncio
import secrets

from majlis import errors
from majlis.domain.comment import Comment, Status
from majlis.domain.decision import Verdict
from majlis.domain.site import Role, Staff
from majlis.services import desk as reading
from majlis.services import moderate, staff
from majlis.store import log, stories
from tests.conftest import NOON, Desk

MODERATORS = 12
DOUBTFUL = "They lie because that is all that people like them can do, and number {} is the worst."


async def moderators(desk: Desk) -> list[Staff]:
    """Return as many people as sit at the desk on a busy night."""
    return [
        await staff.add_staff(
            desk.newsroom.database,
            site="main",
            name=f"moderator {number}",
            role=Role.MODERATOR,
            now=NOON,
            random=secrets.token_bytes(10),
        )
        for number in range(MODERATORS)
    ]


async def waiting(desk: Desk, count: int) -> list[Comment]:
    """Return so many comments that wait for a person."""
    found = [await desk.post(DOUBTFUL.format(number), name=f"reader {number}") for number in range(count)]
    assert all(comment.status is Status.PENDING for comment in found)
    return found


async def test_who_asks_for_the_next_comment_gets_one_of_their_own(desk: Desk) -> None:
    people = await moderators(desk)
    await waiting(desk, MODERATORS)

    given = await asyncio.gather(
        *(reading.step(desk.newsroom, person, reading.Listing(), at=None) for person in people)
    )

    assert None not in given
    assert len(set(given)) == MODERATORS
    for person, id in zip(people, given, strict=True):
        assert (await reading.case(desk.newsroom, str(id))).comment.claimed_by == person.id


async def test_there_are_fewer_comments_than_moderators(desk: Desk) -> None:
    people = await moderators(desk)
    await waiting(desk, 3)

    given = await asyncio.gather(
        *(reading.step(desk.newsroom, person, reading.Listing(), at=None) for person in people)
    )

    assert len({id for id in given if id}) == len([id for id in given if id]) == 3


async def test_everybody_decides_everything_and_each_decision_is_made_once(desk: Desk) -> None:
    people = await moderators(desk)
    comments = await waiting(desk, 4)

    async def decide(person: Staff, comment: Comment) -> str | None:
        verdict = Verdict.APPROVE if int(person.name.split()[1]) % 2 else Verdict.REJECT
        clauses = () if verdict is Verdict.APPROVE else ("personal-attack",)
        ruling = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=verdict, clauses=clauses)
        try:
            await moderate.rule(desk.newsroom, person, ruling)
        except (errors.Stale, errors.IllegalMove):
            return None
        return comment.id

    won = await asyncio.gather(*(decide(person, comment) for comment in comments for person in people))

    assert sorted(id for id in won if id) == sorted(comment.id for comment in comments)
    approved = [
        comment.id
        for comment in comments
        if (await reading.case(desk.newsroom, comment.id)).comment.status is Status.APPROVED
    ]
    shown = await desk.newsroom.database.read(lambda tx: stories.get_story(tx, desk.story.id))
    assert shown is not None
    assert shown.comments == len(approved)
    assert await log.verify(desk.newsroom.database, "main") > 0
