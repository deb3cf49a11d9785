"""The lists of the desk: order, filters, search, claims, the next one, and its words."""

from __future__ import annotations

import re

from majlis.domain.comment import Comment
from majlis.domain.site import Role, Story
from majlis.services import stories
from majlis.services.newsroom import Newsroom
from tests.conftest import Clock, a_story
from tests.web.desk_world import ASKED, Enter, decision, enter, waiting

__all__ = ["enter"]


async def test_the_queue_is_oldest_first_and_can_be_narrowed(
    enter: Enter, newsroom: Newsroom, story: Story, clock: Clock
) -> None:
    other = await stories.publish(newsroom, a_story("old-school", "tr"))
    first = await waiting(newsroom, story, "The first question about the bridge?")
    clock.pass_seconds(60)
    second = await waiting(newsroom, other, "Bu okul ne zaman yeniden açılacak acaba?", language="tr")
    desk = await enter("alice", Role.MODERATOR)

    page = (await desk.get("/desk")).text
    assert page.index(first.body) < page.index(second.body)
    assert "2 waiting" in page
    assert second.body not in (await desk.get(f"/desk?story={story.id}")).text
    assert first.body not in (await desk.get("/desk?language=tr")).text
    assert (await desk.get("/desk?order=risk")).status_code == 200
    assert first.body not in (await desk.get("/desk?clause=homophobia")).text
    assert (await desk.get("/desk?shelf=everything")).status_code == 422
    assert (await desk.get("/desk?after=forged")).status_code == 400


async def test_pages_of_the_queue_follow_each_other(
    enter: Enter, newsroom: Newsroom, story: Story, clock: Clock
) -> None:
    bodies = []
    for number in range(32):
        clock.pass_seconds(30)
        made = await waiting(
            newsroom, story, f"Question number {number} about the bridge: who pays?", name=f"c{number}"
        )
        bodies.append(made.body)
    desk = await enter("alice", Role.MODERATOR)
    first = (await desk.get("/desk")).text
    link = re.search(r'rel="next" href="([^"]+)"', first)
    assert link
    second = (await desk.get(link[1].replace("&amp;", "&"))).text
    shown = [[body for body in bodies if body in page] for page in (first, second)]
    assert shown == [bodies[:30], bodies[30:]]


async def test_search_finds_sorani_that_was_written_with_arabic_letters(
    enter: Enter, newsroom: Newsroom, story: Story
) -> None:
    await waiting(newsroom, story, "كورديي سۆراني لێره دەنووسرێت و پردەكە داخراوە", language="ckb")
    await waiting(newsroom, story)
    desk = await enter("alice", Role.MODERATOR)

    found = (await desk.get("/desk", params={"q": "کوردیی سۆرانی"})).text

    assert "كورديي سۆراني" in found
    assert ASKED not in found
    assert ASKED not in (await desk.get("/desk", params={"q": "100%"})).text


async def test_a_comment_that_alice_claims_is_not_handed_to_bob(
    enter: Enter, newsroom: Newsroom, story: Story, clock: Clock
) -> None:
    first = await waiting(newsroom, story, "The first question about the bridge?")
    clock.pass_seconds(60)
    second = await waiting(newsroom, story, "The second question about the bridge?")
    alice, bob = await enter("alice", Role.MODERATOR), await enter("bob", Role.MODERATOR)

    opened = await alice.post(f"/desk/comments/{first.id}/claim")
    assert 'value="approve"' in opened.text
    refused = await bob.post(f"/desk/comments/{first.id}/claim")
    assert "Claimed by alice" in refused.text
    assert 'value="approve"' not in refused.text
    answer = await bob.post(f"/desk/comments/{first.id}/decision", data=decision(first, "approve"))
    assert answer.status_code == 409
    assert (await bob.post("/desk/next")).url.path == f"/desk/comments/{second.id}"

    clock.pass_seconds(301)
    assert (await bob.post("/desk/next")).url.path == f"/desk/comments/{first.id}"


async def test_next_and_previous_walk_the_queue(enter: Enter, newsroom: Newsroom, story: Story, clock: Clock) -> None:
    made = []
    for number in range(3):
        clock.pass_seconds(60)
        made.append(await waiting(newsroom, story, f"Question number {number} about the bridge?", name=f"c{number}"))
    desk = await enter("alice", Role.MODERATOR)

    async def go(at: Comment, to: str) -> str:
        return (await desk.post("/desk/next", data={"at": at.id, "to": to})).url.path.rpartition("/")[2]

    assert await go(made[0], "next") == made[1].id
    assert await go(made[2], "previous") == made[1].id
    assert await go(made[2], "next") == made[0].id
    assert await go(made[0], "previous") == "desk"


async def test_the_desk_speaks_the_moderators_language(enter: Enter, newsroom: Newsroom, story: Story) -> None:
    await waiting(newsroom, story)
    desk = await enter("alice", Role.MODERATOR)
    page = await desk.get("/desk?lang=ckb&order=risk")
    assert dict(page.url.params) == {"order": "risk"}
    assert '<html lang="ckb" dir="rtl">' in page.text
    assert 'lang="en" dir="ltr">Why is the council' in page.text
    assert '<html lang="ckb" dir="rtl">' in (await desk.get("/desk/appeals")).text


async def test_every_word_of_the_desk_is_in_the_catalogs() -> None:
    """A msgid that no catalog holds would silently be English for everybody."""
    from pathlib import Path

    from babel.messages.extract import extract_from_dir
    from babel.messages.pofile import read_po

    import majlis

    web = Path(majlis.__file__).parent / "web"
    found = extract_from_dir(
        web / "templates" / "desk", method_map=[("**.html", "jinja2.ext.babel_extract")], options_map={}
    )
    wanted = {message[2] if isinstance(message[2], str) else message[2][0] for message in found}
    with (web / "locale" / "ckb.po").open("rb") as file:
        known = {one.id if isinstance(one.id, str) else one.id[0] for one in read_po(file)}

    assert sorted(wanted - known) == []
