"""The way of a comment: stored as pending first, reviewed, decided through one door, and never lost."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from majlis import errors
from majlis.domain.comment import MOVES, Actor, Status, move
from majlis.domain.decision import AppealStatus, Verdict
from majlis.domain.site import Staff, Story
from majlis.judge.policy import parse
from majlis.services import appeal, author, moderate, react, stories, thread
from majlis.services.limits import Limits
from majlis.services.newsroom import Newsroom
from majlis.services.replay import replay
from majlis.services.review import sweep
from majlis.services.submit import Draft, submit
from majlis.signals.gather import Signals
from majlis.store import comments, log, records
from majlis.store.threads import Sort
from tests.conftest import ORIGIN, Clock, Desk, replace_struct


async def test_a_comment_is_stored_as_pending_before_anything_can_fail(newsroom: Newsroom, story: Story) -> None:
    class Broken(Exception):
        pass

    def fail(_: int) -> bytes:
        raise Broken

    # The judge needs a random id for its record; without one it cannot finish.
    ids = iter([b"0123456789"])
    broken = dataclasses.replace(newsroom, random=lambda n: next(ids, None) or fail(n))

    with pytest.raises(Broken):
        await submit(broken, Draft(url=story.url, body="Is the bridge safe?", name="charlie"))

    waiting = await newsroom.database.read(lambda tx: comments.unjudged(tx, site="main", limit=10))
    assert [(comment.body, comment.status) for comment in waiting] == [("Is the bridge safe?", Status.PENDING)]
    assert (await thread.thread_page(newsroom, story=story.id, sort=Sort.NEWEST, limit=10, after=None)).comments == []


async def test_the_sweep_judges_what_a_crash_left_unjudged(newsroom: Newsroom, story: Story) -> None:
    await test_a_comment_is_stored_as_pending_before_anything_can_fail(newsroom, story)

    assert (await sweep(newsroom)).judged == 1

    assert await newsroom.database.read(lambda tx: comments.unjudged(tx, site="main", limit=10)) == []
    assert (await sweep(newsroom)).judged == 0


async def test_a_failed_signal_leaves_the_comment_to_a_person(newsroom: Newsroom, story: Story) -> None:
    blind: Signals = dataclasses.replace(newsroom.signals(), classifier=None)
    broken = dataclasses.replace(newsroom, signals=lambda: blind)

    outcome = await submit(broken, Draft(url=story.url, body="Thank you for this report.", name="charlie"))

    assert outcome.comment.status is Status.PENDING
    made = await newsroom.database.read(lambda tx: records.of_comment(tx, outcome.comment.id))
    assert made[0].decision is not None
    assert "classifier" in made[0].decision.unchecked


@given(body=st.text(min_size=1, max_size=60))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_written_is_what_is_kept(body: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every text that is taken comes back as it was, to the last code point."""
    from majlis.domain.text import check_text, is_blank

    try:
        kept = check_text(body, field="body", max_bytes=20_480, max_characters=5_000, lines=True)
    except errors.InvalidInput:
        return
    assert kept == body or is_blank(body)


def test_withdrawn_is_final_and_only_judges_publish() -> None:
    assert not [old for old, _ in MOVES if old is Status.WITHDRAWN]
    publishing = {actor for (_, new), actors in MOVES.items() if new is Status.APPROVED for actor in actors}
    assert publishing == {Actor.MACHINE, Actor.MODERATOR}


@given(old=st.sampled_from(Status), new=st.sampled_from(Status), actor=st.sampled_from(Actor))
def test_a_move_that_is_not_in_the_table_is_refused(old: Status, new: Status, actor: Actor) -> None:
    if actor in MOVES.get((old, new), ()):
        assert move(old, new, actor) is new
    else:
        with pytest.raises(errors.IllegalMove):
            move(old, new, actor)


async def test_a_stale_decision_is_refused(desk: Desk, bob: Staff) -> None:
    comment = await desk.post("You are wrong about the bridge, and about everything else.")
    ruling = moderate.Ruling(
        comment=comment.id, seen=comment.version, verdict=Verdict.REJECT, clauses=("personal-attack",)
    )
    await moderate.rule(desk.newsroom, desk.moderator, ruling)

    with pytest.raises(errors.Stale):
        await moderate.rule(desk.newsroom, bob, ruling)


async def test_many_moderators_decide_at_once_and_one_wins(desk: Desk, bob: Staff) -> None:
    comment = await desk.post()
    reject = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.REJECT, clauses=("off-topic",))
    people = [desk.moderator, bob] * 8

    outcomes = await asyncio.gather(
        *(moderate.rule(desk.newsroom, person, reject) for person in people), return_exceptions=True
    )

    won = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    lost = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert len(won) == 1
    assert {type(error) for error in lost} <= {errors.Stale, errors.IllegalMove}
    assert await log.verify(desk.newsroom.database, "main") > 0


async def test_only_one_of_many_moderators_gets_the_claim(desk: Desk, bob: Staff) -> None:
    comment = await desk.post()

    outcomes = await asyncio.gather(
        *(moderate.claim(desk.newsroom, person, comment.id) for person in (desk.moderator, bob)),
        return_exceptions=True,
    )

    assert sum(isinstance(outcome, errors.Claimed) for outcome in outcomes) == 1


async def test_a_claim_keeps_others_away_until_it_runs_out(desk: Desk, bob: Staff, clock: Clock) -> None:
    comment = await desk.post()
    await moderate.claim(desk.newsroom, desk.moderator, comment.id)
    ruling = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.REJECT, clauses=("off-topic",))

    with pytest.raises(errors.Claimed):
        await moderate.rule(desk.newsroom, bob, ruling)
    clock.pass_seconds(301)

    after, _ = await moderate.rule(desk.newsroom, bob, ruling)
    assert after.status is Status.REJECTED


async def test_undo_is_a_new_decision(desk: Desk) -> None:
    comment = await desk.post()
    rejected, record = await moderate.rule(
        desk.newsroom,
        desk.moderator,
        moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.REJECT, clauses=("off-topic",)),
    )

    restored, undone = await moderate.undo(desk.newsroom, desk.moderator)

    assert restored.status is comment.status
    assert undone.undoes == record.id
    made = await desk.newsroom.database.read(lambda tx: records.of_comment(tx, comment.id))
    assert len(made) == 3
    assert rejected.version < restored.version
    with pytest.raises(errors.Stale):
        await moderate.undo(desk.newsroom, desk.moderator)


async def test_a_rejection_names_a_clause(desk: Desk) -> None:
    comment = await desk.post()

    with pytest.raises(errors.InvalidInput, match="at least one clause"):
        await moderate.rule(
            desk.newsroom,
            desk.moderator,
            moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.REJECT),
        )


async def test_an_objection_goes_to_somebody_else(desk: Desk, bob: Staff) -> None:
    comment = await desk.post()
    await moderate.rule(
        desk.newsroom,
        desk.moderator,
        moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.REJECT, clauses=("off-topic",)),
    )
    token = author.receipt_token(desk.newsroom, comment.id)
    made = await author.appeal(desk.newsroom, token, "It is about the bridge.")

    with pytest.raises(errors.SamePerson):
        await appeal.decide(desk.newsroom, desk.moderator, appeal=made.id, overturn=True, note="")
    published = await appeal.decide(desk.newsroom, bob, appeal=made.id, overturn=True, note="Right.")

    assert published.status is Status.APPROVED
    told = await author.receipt(desk.newsroom, token)
    assert told.appeals[0].status is AppealStatus.OVERTURNED
    with pytest.raises(errors.AppealExists):
        await author.appeal(desk.newsroom, token, "Again.")


async def test_a_rejected_author_sees_the_clause_in_the_newsrooms_words(desk: Desk) -> None:
    comment = await desk.reject()

    told = await author.receipt(desk.newsroom, author.receipt_token(desk.newsroom, comment.id))

    assert told.statement is not None
    assert told.statement.reasons
    for reason in told.statement.reasons:
        clause = desk.newsroom.guidelines["en"].clause(reason.clause)
        assert clause is not None
        assert reason.title == clause.title
        for quote in reason.quotes:
            assert comment.body[quote.start : quote.end] == quote.quote


async def test_withdrawing_takes_a_comment_off_the_page(desk: Desk) -> None:
    comment = await desk.publish()
    token = author.receipt_token(desk.newsroom, comment.id)

    told = await author.withdraw(desk.newsroom, token)
    again = await author.withdraw(desk.newsroom, token)

    assert told.comment.status is again.comment.status is Status.WITHDRAWN
    page = await thread.thread_page(desk.newsroom, story=desk.story.id, sort=Sort.NEWEST, limit=10, after=None)
    assert page.comments == []
    assert (await thread.story_with_id(desk.newsroom, desk.story.id)).comments == 0


async def test_withdrawing_takes_the_objection_back_too(desk: Desk, bob: Staff) -> None:
    comment = await desk.reject()
    token = author.receipt_token(desk.newsroom, comment.id)
    await author.appeal(desk.newsroom, token, "It is about the bridge.")

    told = await author.withdraw(desk.newsroom, token)

    assert [made.status for made in told.appeals] == [AppealStatus.WITHDRAWN]
    assert await appeal.waiting(desk.newsroom, bob) == []


async def test_a_forged_receipt_is_refused(desk: Desk) -> None:
    comment = await desk.post()
    token = author.receipt_token(desk.newsroom, comment.id)

    for forged in (comment.id, token[:-1], f"{'0' * 32}.{token.split('.')[1]}", "", "ھەڵە"):
        with pytest.raises(errors.ReceiptInvalid):
            await author.receipt(desk.newsroom, forged)


async def test_an_old_decision_can_be_judged_again_to_the_same_end(desk: Desk) -> None:
    for body in ("Thank you.", "You idiot, I will kill you.", "اتصل بي على 07701234567", "دەستخۆش"):
        comment = await desk.post(body)
        made = await desk.newsroom.database.read(lambda tx, id=comment.id: records.of_comment(tx, id))  # type: ignore[misc]

        assert await replay(desk.newsroom.database, made[0]) == made[0].decision


async def test_replies_stand_under_published_parents_of_the_same_story(desk: Desk, newsroom: Newsroom) -> None:
    parent = await desk.publish()
    reply = await desk.publish("In spring, says the council.", parent=parent.id)
    assert reply.root == parent.id
    elsewhere = await stories.find_story(newsroom, url=f"{ORIGIN}/other", title="Other", language="en")
    hidden = await desk.reject()

    for draft in (
        Draft(url=elsewhere.url, body="A reply from elsewhere.", name="bob", parent=parent.id),
        Draft(url=desk.story.url, body="A reply to nobody.", name="bob", parent="0" * 32),
        Draft(url=desk.story.url, body="A reply to what is hidden.", name="bob", parent=hidden.id),
    ):
        with pytest.raises(errors.ParentNotFound):
            await submit(newsroom, draft)


async def test_a_closed_story_takes_no_comment(desk: Desk) -> None:
    await stories.set_open(desk.newsroom, story=desk.story.id, open=False)

    with pytest.raises(errors.StoryClosed):
        await desk.post()


async def test_an_unknown_story_is_taken_from_the_newsrooms_own_origin_only(newsroom: Newsroom) -> None:
    draft = Draft(url=f"{ORIGIN}/new", title="A new story", body="First.", name="charlie")
    assert (await submit(newsroom, draft)).comment.story

    with pytest.raises(errors.StoryNotFound):
        await submit(newsroom, Draft(url="http://elsewhere.example/new", body="First.", name="charlie"))


async def test_the_same_key_brings_one_comment(desk: Desk) -> None:
    draft = Draft(
        url=desk.story.url, body="Only once, please.", name="charlie", idempotency_key="k1", request_hash="h1"
    )

    first, second = await asyncio.gather(submit(desk.newsroom, draft), submit(desk.newsroom, draft))
    third = await submit(desk.newsroom, draft)

    assert first.comment.id == second.comment.id == third.comment.id
    assert first.comment.status is second.comment.status is third.comment.status
    with pytest.raises(errors.IdempotencyConflict):
        await submit(desk.newsroom, replace_struct(draft, request_hash="h2"))


async def test_rates_are_limited_by_address_and_author(newsroom: Newsroom, story: Story) -> None:
    from majlis.services.limits import DEFAULT, Act

    slow = dataclasses.replace(newsroom, limits=Limits({**DEFAULT, Act.COMMENT: "2/minute"}))
    for number in range(2):
        await submit(slow, Draft(url=story.url, body=f"Number {number}", name=f"n{number}", address="192.0.2.1"))

    with pytest.raises(errors.TooManyRequests) as refused:
        await submit(slow, Draft(url=story.url, body="Number 3", name="n3", address="192.0.2.1"))
    assert 1 <= refused.value.retry_after <= 60
    await submit(slow, Draft(url=story.url, body="From elsewhere", name="n4", address="192.0.2.2"))


async def test_likes_count_once_for_each_reader(desk: Desk) -> None:
    comment = await desk.publish()

    async def like(reader: str, liked: bool = True) -> int:
        return await react.like(desk.newsroom, comment=comment.id, reader=reader, address="192.0.2.1", liked=liked)

    assert [await like("alice"), await like("alice"), await like("bob")] == [1, 1, 2]
    assert [await like("alice", False), await like("alice", False)] == [1, 1]


async def test_a_report_never_hides_a_comment(desk: Desk) -> None:
    comment = await desk.publish()
    for reader in range(20):
        await react.report(
            desk.newsroom, comment=comment.id, clause="threat", reason="", reporter=f"r{reader}", address="192.0.2.1"
        )

    page = await thread.thread_page(desk.newsroom, story=desk.story.id, sort=Sort.NEWEST, limit=10, after=None)
    assert [found.reports for found in page.comments] == [20]


async def test_the_log_holds_no_words(desk: Desk) -> None:
    comment = await desk.reject("A sentence that nobody else would write, you idiots.")

    entries = await desk.newsroom.database.read(lambda tx: log.of_comment(tx, comment.id))

    assert entries
    assert all("nobody else" not in entry.content and "charlie" not in entry.content for entry in entries)


def test_a_policy_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(errors.ConfigInvalid):
        parse("visible = 2")
