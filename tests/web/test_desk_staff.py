"""An admin changes a role and removes people at the desk, over HTTP, with JavaScript off."""

from __future__ import annotations

import re

import httpx
import pytest

from majlis.domain.site import LANGUAGES, Role, Staff, Story
from majlis.services import roster
from majlis.services.newsroom import Newsroom
from majlis.store import people
from tests.web.desk_world import Enter, decision, enter, now_stored, pass_a_second, person, waiting

__all__ = ["enter"]


async def named(newsroom: Newsroom, name: str) -> Staff:
    return await roster.named(newsroom.database, site="main", name=name)


async def test_who_is_removed_finds_the_login_on_their_next_request(
    enter: Enter, newsroom: Newsroom, story: Story
) -> None:
    comment = await waiting(newsroom, story)
    admin, moderator = await enter("alice", Role.ADMIN), await enter("bob", Role.MODERATOR)
    await moderator.post(f"/desk/comments/{comment.id}/claim")
    assert "Claimed by bob" in (await admin.get("/desk")).text
    bob = await named(newsroom, "bob")

    removed = await admin.post(f"/desk/staff/{bob.id}/removal")

    assert "The person was removed." in removed.text
    assert "bob" not in removed.text
    assert (await moderator.get("/desk")).url.path == "/desk/login"
    ruling = await moderator.post(f"/desk/comments/{comment.id}/decision", data=decision(comment, "approve"))
    assert ruling.url.path == "/desk/login"
    assert (await now_stored(newsroom, comment.id)).version == comment.version
    assert "Claimed by" not in (await admin.get("/desk")).text


async def test_decisions_of_who_left_still_name_them(enter: Enter, newsroom: Newsroom, story: Story) -> None:
    comment = await waiting(newsroom, story)
    admin, moderator = await enter("alice", Role.ADMIN), await enter("bob", Role.MODERATOR)
    await moderator.post(f"/desk/comments/{comment.id}/decision", data=decision(comment, "approve"))

    await admin.post(f"/desk/staff/{(await named(newsroom, 'bob')).id}/removal")

    assert "<bdi>bob</bdi>" in (await admin.get(f"/desk/comments/{comment.id}")).text


async def test_a_role_is_changed_and_holds_at_once(enter: Enter, newsroom: Newsroom) -> None:
    admin, other = await enter("alice", Role.ADMIN), await enter("bob", Role.MODERATOR)
    bob = await named(newsroom, "bob")
    assert (await other.get("/desk/staff")).status_code == 403

    changed = await admin.post(f"/desk/staff/{bob.id}/role", data={"role": "admin"})

    assert "The role was changed." in changed.text
    assert (await other.get("/desk/staff")).status_code == 200
    assert (await admin.post(f"/desk/staff/{bob.id}/role", data={"role": "owner"})).status_code == 422


async def test_the_last_admin_is_told_to_make_another_one_first(enter: Enter, newsroom: Newsroom) -> None:
    admin = await enter("alice", Role.ADMIN)
    alice = await named(newsroom, "alice")

    for act, fields in (("removal", {}), ("role", {"role": "editor"})):
        refused = await admin.post(f"/desk/staff/{alice.id}/{act}", data=fields)
        assert refused.status_code == 409
        assert "Make somebody else an admin first." in refused.text
    assert (await admin.get("/desk/staff")).status_code == 200


async def test_an_admin_may_step_down_or_leave_where_there_is_another(enter: Enter, newsroom: Newsroom) -> None:
    first, second = await enter("alice", Role.ADMIN), await enter("bob", Role.ADMIN)
    await person(newsroom, "charlie", Role.ADMIN)

    stepped = await first.post(f"/desk/staff/{(await named(newsroom, 'alice')).id}/role", data={"role": "editor"})
    left = await second.post(f"/desk/staff/{(await named(newsroom, 'bob')).id}/removal")

    assert (stepped.status_code, stepped.url.path) == (200, "/desk")
    assert left.url.path == "/desk/login"


async def test_only_an_admin_removes_people_or_changes_roles(enter: Enter, newsroom: Newsroom) -> None:
    editor = await enter("bob", Role.EDITOR)
    alice = await person(newsroom, "alice", Role.MODERATOR)

    assert (await editor.post(f"/desk/staff/{alice.id}/removal")).status_code == 403
    assert (await editor.post(f"/desk/staff/{alice.id}/role", data={"role": "admin"})).status_code == 403
    assert (await named(newsroom, "alice")) == alice


async def test_a_foreign_page_removes_nobody(enter: Enter, newsroom: Newsroom) -> None:
    admin = await enter("alice", Role.ADMIN)
    bob = await person(newsroom, "bob", Role.MODERATOR)

    refused = await admin.post(f"/desk/staff/{bob.id}/removal", headers={"origin": "http://evil.example"})

    assert refused.status_code == 403
    assert (await named(newsroom, "bob")) == bob


@pytest.mark.parametrize("id", ["nobody", "0197f000-0000-7000-8000-000000000000"])
async def test_who_is_not_there_cannot_be_removed(enter: Enter, id: str) -> None:
    admin = await enter("alice", Role.ADMIN)

    for act, fields in (("removal", {}), ("role", {"role": "editor"}), ("login", {})):
        assert (await admin.post(f"/desk/staff/{id}/{act}", data=fields)).status_code == 404


async def test_a_name_that_is_added_again_is_restored_and_the_page_says_so(
    enter: Enter, newsroom: Newsroom, browser: httpx.AsyncClient
) -> None:
    admin = await enter("alice", Role.ADMIN)
    bob = await person(newsroom, "bob", Role.EDITOR)
    await admin.post(f"/desk/staff/{bob.id}/removal")
    pass_a_second(newsroom)

    again = await admin.post("/desk/staff", data={"name": "bob", "role": "moderator"})
    new = await admin.post("/desk/staff", data={"name": "charlie", "role": "moderator"})

    assert "was at the desk before" in again.text
    assert "was at the desk before" not in new.text
    link = re.search(r"http://testserver(/desk/login\?token=[\w-]+)", again.text)
    assert link
    assert (await browser.get(link[1])).status_code == 303
    assert (await named(newsroom, "bob")).id == bob.id
    assert len(await newsroom.database.read(lambda tx: people.names(tx, site="main"))) == 3


async def test_each_language_says_what_removing_does(enter: Enter, newsroom: Newsroom) -> None:
    admin = await enter("alice", Role.ADMIN)
    pages = {language: (await admin.get(f"/desk/staff?lang={language}")).text for language in LANGUAGES}

    assert "Whoever is removed is logged out at once" in pages["en"]
    assert [language for language, page in pages.items() if "logged out at once" in page] == ["en"]
