"""One comment at the desk: what is shown of it and what a decision does."""

from __future__ import annotations

import re
from html import unescape

from majlis.domain.comment import Status
from majlis.domain.site import Role, Story
from majlis.services import author, react
from majlis.services.newsroom import Newsroom
from majlis.services.submit import Draft, submit
from majlis.store import log, records
from tests.conftest import Clock
from tests.web.desk_world import Enter, decision, enter, now_stored, pass_a_second, waiting

__all__ = ["enter"]


async def test_a_decision_leads_to_the_next_comment(
    enter: Enter, newsroom: Newsroom, story: Story, clock: Clock
) -> None:
    first = await waiting(newsroom, story, "The first question about the bridge?")
    clock.pass_seconds(60)
    second = await waiting(newsroom, story, "The second question about the bridge?")
    desk = await enter("alice", Role.MODERATOR)
    await desk.post(f"/desk/comments/{first.id}/claim")

    sent = decision(first, "reject", "off-topic", "threat", note="Not about the bridge.", order="risk")
    after = await desk.post(f"/desk/comments/{first.id}/decision", data=sent)

    assert after.url.path == f"/desk/comments/{second.id}"
    assert dict(after.url.params) == {"order": "risk", "done": "rejected"}
    assert (await now_stored(newsroom, first.id)).status is Status.REJECTED
    kept = await newsroom.database.read(lambda tx: records.of_comment(tx, first.id))
    assert set(kept[-1].clauses) == {"off-topic", "threat"}
    assert kept[-1].note == "Not about the bridge."


async def test_a_rejection_without_a_clause_is_said_beside_the_clauses(
    enter: Enter, newsroom: Newsroom, story: Story
) -> None:
    comment = await waiting(newsroom, story)
    desk = await enter("alice", Role.MODERATOR)
    await desk.post(f"/desk/comments/{comment.id}/claim")

    answer = await desk.post(
        f"/desk/comments/{comment.id}/decision", data=decision(comment, "reject", note="What I typed.")
    )

    assert answer.status_code == 422
    assert 'id="clauses-wrong"' in answer.text
    assert "What I typed." in answer.text
    assert (await now_stored(newsroom, comment.id)).status is Status.PENDING


async def test_a_decision_on_something_that_changed_gets_409_and_the_new_state(
    enter: Enter, newsroom: Newsroom, story: Story
) -> None:
    comment = await waiting(newsroom, story)
    alice, bob = await enter("alice", Role.MODERATOR), await enter("bob", Role.MODERATOR)
    await alice.post(f"/desk/comments/{comment.id}/decision", data=decision(comment, "approve"))

    answer = await bob.post(f"/desk/comments/{comment.id}/decision", data=decision(comment, "reject", "threat"))

    assert answer.status_code == 409
    assert "The comment has changed since you saw it." in answer.text
    assert 'class="state approved"' in answer.text
    assert (await now_stored(newsroom, comment.id)).status is Status.APPROVED


async def test_undo_is_a_new_decision(enter: Enter, newsroom: Newsroom, story: Story) -> None:
    comment = await waiting(newsroom, story)
    desk = await enter("alice", Role.MODERATOR)
    await desk.post(f"/desk/comments/{comment.id}/decision", data=decision(comment, "approve"))
    before = await newsroom.database.read(lambda tx: records.of_comment(tx, comment.id))
    pass_a_second(newsroom)

    after = await desk.post("/desk/undo")

    assert after.url.path == f"/desk/comments/{comment.id}"
    kept = await newsroom.database.read(lambda tx: records.of_comment(tx, comment.id))
    assert kept[: len(before)] == before
    assert kept[-1].undoes == before[-1].id
    assert (await now_stored(newsroom, comment.id)).status is Status.PENDING
    assert "Decision taken back" in after.text
    again = await desk.post("/desk/undo")
    assert again.url.params["done"] == "nothing"


async def test_an_objection_waits_for_somebody_other_than_the_first_decider(
    enter: Enter, newsroom: Newsroom, story: Story
) -> None:
    comment = await waiting(newsroom, story)
    alice, bob = await enter("alice", Role.MODERATOR), await enter("bob", Role.MODERATOR)
    note = "I have had enough of this reader."
    await alice.post(f"/desk/comments/{comment.id}/decision", data=decision(comment, "reject", "off-topic", note=note))
    made = await author.appeal(newsroom, author.receipt_token(newsroom, comment.id), "It is about the bridge.")

    assert "You decided this comment first" in (await alice.get("/desk/appeals")).text
    assert "It is about the bridge." in (await alice.get(f"/desk/comments/{comment.id}")).text
    sent = {"comment": comment.id, "outcome": "overturn", "note": ""}
    refused = await alice.post(f"/desk/appeals/{made.id}", data=sent)
    assert refused.status_code == 403
    rejected = await now_stored(newsroom, comment.id)
    past = await alice.post(f"/desk/comments/{comment.id}/decision", data=decision(rejected, "approve"))
    assert past.status_code == 409
    await alice.post("/desk/undo")
    assert (await now_stored(newsroom, comment.id)).status is Status.REJECTED

    page = (await bob.get(f"/desk/comments/{comment.id}")).text
    assert note not in page
    assert 'value="uphold"' in page
    await bob.post(f"/desk/appeals/{made.id}", data=sent)
    assert (await now_stored(newsroom, comment.id)).status is Status.APPROVED
    assert note in (await bob.get(f"/desk/comments/{comment.id}")).text
    assert (await bob.post(f"/desk/appeals/{made.id}", data=sent)).status_code == 409


async def test_a_report_is_shown_with_its_reason_and_can_be_dismissed(
    enter: Enter, newsroom: Newsroom, story: Story
) -> None:
    comment = await waiting(newsroom, story)
    desk = await enter("alice", Role.MODERATOR)
    await desk.post(f"/desk/comments/{comment.id}/decision", data=decision(comment, "approve"))
    await react.report(
        newsroom,
        comment=comment.id,
        clause="threat",
        reason="This frightens me.",
        reporter="bob",
        address="192.0.2.9",
    )

    assert "This frightens me." in (await desk.get("/desk?shelf=reported")).text
    after = await desk.post(f"/desk/comments/{comment.id}/reports/dismissal", data={"shelf": "reported"})

    assert after.url.params["done"] == "dismissed"
    assert "This frightens me." not in (await desk.get("/desk?shelf=reported")).text
    stored = await now_stored(newsroom, comment.id)
    assert (stored.status, stored.reports) == (Status.APPROVED, 0)


async def test_the_history_is_what_the_log_says(enter: Enter, newsroom: Newsroom, story: Story) -> None:
    comment = await waiting(newsroom, story)
    desk = await enter("alice", Role.MODERATOR)
    await desk.post(
        f"/desk/comments/{comment.id}/decision", data=decision(comment, "reject", "threat", note="Read it twice.")
    )

    page = (await desk.get(f"/desk/comments/{comment.id}")).text

    entries = await newsroom.database.read(lambda tx: log.of_comment(tx, comment.id))
    places = [page.index(entry.hash[:12]) for entry in entries]
    assert len(entries) >= 3
    assert places == sorted(places)
    assert "Comment received" in page
    assert "Read it twice." in page
    assert ">alice<" in page


async def test_the_words_that_were_found_are_marked_and_every_clause_has_its_score(
    enter: Enter, newsroom: Newsroom, story: Story
) -> None:
    body = "Call me at once: +44 20 7946 0958 <b>or</b> come to the bridge."
    comment = (await submit(newsroom, Draft(url=story.url, body=body, name="charlie"))).comment
    desk = await enter("alice", Role.MODERATOR)

    page = (await desk.get(f"/desk/comments/{comment.id}")).text

    shown = re.search(r'<div class="words whole"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert shown
    assert unescape(re.sub(r"</?mark[^>]*>", "", shown[1])) == body
    marked = "".join(re.findall(r'<mark title="[^"]+" data-keys="[^"]*0[^"]*">([^<]*)</mark>', shown[1]))
    assert "7946" in marked
    assert page.count("<meter") + page.count('class="unknown"') == 11


async def test_there_is_nothing_with_which_words_could_be_changed(
    enter: Enter, newsroom: Newsroom, story: Story
) -> None:
    comment = await waiting(newsroom, story)
    desk = await enter("alice", Role.ADMIN)
    page = (await desk.post(f"/desk/comments/{comment.id}/claim")).text

    fields = set(re.findall(r"<(?:textarea|input|select)[^>]*\sname=\"([^\"]+)\"", page))
    assert {name for name in fields if not name.startswith("clause-")} <= {
        "note",
        "seen",
        "at",
        "open",
        *("shelf", "order", "story", "language", "clause", "q"),
    }
    await desk.post(f"/desk/comments/{comment.id}/decision", data=decision(comment, "approve", body="Changed."))
    assert (await now_stored(newsroom, comment.id)).body == comment.body
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        assert (await desk.request(method, f"/desk/comments/{comment.id}")).status_code == 405
