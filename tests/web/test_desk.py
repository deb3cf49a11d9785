"""Going into the desk over HTTP, with JavaScript off: sessions, roles, people and keys."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from majlis.app import build, newsroom_of
from majlis.domain.site import Role, Story
from majlis.services import keys, staff
from majlis.services.newsroom import Newsroom
from majlis.services.submit import Draft, submit
from majlis.signals.gather import Signals
from tests.conftest import NOON, Clock, config_for
from tests.web.desk_world import ASKED, Enter, decision, enter, now_stored, person, waiting

__all__ = ["enter"]


async def test_nobody_gets_in_without_a_session(browser: httpx.AsyncClient) -> None:
    for path in ("/desk", "/desk/appeals", "/desk/staff", "/desk/password"):
        answer = await browser.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/desk/login")
    assert (await browser.post("/desk/undo")).headers["location"] == "/desk/login"


async def test_a_one_time_login_works_once_and_invites_to_set_a_password(
    browser: httpx.AsyncClient, login: str
) -> None:
    first = await browser.get(f"/desk/login?token={login}")
    assert (first.status_code, first.headers["location"]) == (303, "/desk")
    cookie = first.headers["set-cookie"]
    assert cookie.startswith("majlis-desk=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/;" in cookie
    assert 'href="/desk/password"' in (await browser.get("/desk")).text

    browser.cookies.clear()
    again = await browser.get(f"/desk/login?token={login}")
    assert again.status_code == 401
    assert "The login did not work." in again.text


async def test_a_password_lets_in_again_and_a_wrong_one_does_not(browser: httpx.AsyncClient, login: str) -> None:
    await browser.get(f"/desk/login?token={login}")
    short = await browser.post("/desk/password", data={"password": "short"})
    assert short.status_code == 422
    set_first = await browser.post("/desk/password", data={"password": "a long enough one"})
    assert set_first.headers["location"] == "/desk?done=password"
    without_current = await browser.post("/desk/password", data={"password": "another long one"})
    assert without_current.status_code == 401
    await browser.post("/desk/logout")
    assert (await browser.get("/desk")).status_code == 303

    wrong = await browser.post("/desk/login", data={"name": "alice the admin", "password": "not this one"})
    assert wrong.status_code == 401
    asked = {"name": "alice the admin", "password": "a long enough one", "next": "/desk/appeals"}
    right = await browser.post("/desk/login", data=asked)
    assert (right.status_code, right.headers["location"]) == (303, "/desk/appeals")
    elsewhere = await browser.post("/desk/login", data=asked | {"next": "//evil.example/desk/"})
    assert elsewhere.headers["location"] == "/desk"


async def test_a_name_that_cannot_be_one_is_a_failed_login(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/desk/login", data={"name": "al\x00ice", "password": "x"})
    assert answer.status_code == 401


async def test_a_foreign_page_cannot_send_to_the_desk(browser: httpx.AsyncClient, login: str) -> None:
    await browser.get(f"/desk/login?token={login}")
    for origin in ("http://evil.example", "http://blog.example", "null"):
        answer = await browser.post("/desk/undo", headers={"origin": origin})
        assert answer.status_code == 403
    del browser.headers["origin"]
    assert (await browser.post("/desk/undo")).status_code == 403


async def test_nobody_frames_the_desk_or_keeps_it(browser: httpx.AsyncClient, login: str) -> None:
    await browser.get(f"/desk/login?token={login}")
    page = await browser.get("/desk")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=", page.text)


async def test_each_role_may_do_what_it_may(enter: Enter, newsroom: Newsroom, story: Story) -> None:
    comment = await waiting(newsroom, story)
    moderator = await enter("alice", Role.MODERATOR)
    await moderator.post(f"/desk/comments/{comment.id}/decision", data=decision(comment, "approve"))
    seen = {"seen": str((await now_stored(newsroom, comment.id)).version), "featured": "yes"}

    assert (await moderator.post(f"/desk/comments/{comment.id}/pick", data=seen)).status_code == 403
    assert (await moderator.post(f"/desk/stories/{story.id}", data={"open": "no"})).status_code == 403
    assert (await moderator.get("/desk/staff")).status_code == 403

    editor = await enter("bob", Role.EDITOR)
    assert (await editor.post(f"/desk/comments/{comment.id}/pick", data=seen)).status_code == 200
    assert (await now_stored(newsroom, comment.id)).featured
    assert (await editor.post(f"/desk/comments/{comment.id}/pick", data=seen)).status_code == 409
    await editor.post(f"/desk/stories/{story.id}", data={"open": "no"})
    with pytest.raises(Exception, match="no more comments"):
        await submit(newsroom, Draft(url=story.url, body=ASKED, name="charlie"))
    assert (await editor.post("/desk/keys", data={"name": "cms", "scope": "read"})).status_code == 403


async def test_an_admin_adds_people_and_keys_and_sees_their_secrets_once(
    enter: Enter, newsroom: Newsroom, browser: httpx.AsyncClient
) -> None:
    admin = await enter("alice", Role.ADMIN)
    added = await admin.post("/desk/staff", data={"name": "bob", "role": "moderator"})
    link = re.search(r"http://testserver(/desk/login\?token=[\w-]+)", added.text)
    assert link
    assert link[1] not in (await admin.get("/desk/staff")).text
    assert (await browser.get(link[1])).status_code == 303
    twice = await admin.post("/desk/staff", data={"name": "bob", "role": "editor"})
    assert twice.status_code == 409
    assert "This name is taken." in twice.text

    made = await admin.post("/desk/keys", data={"name": "the archive", "scope": "read"})
    key = re.search(r"\b[0-9a-f]{48}\b", made.text)
    assert "API key: <bdi>the archive</bdi>" in made.text
    wrong = await admin.post("/desk/keys", data={"name": "the app", "scope": "judge", "rate": "often"})
    assert (wrong.status_code, "limit as in the example" in wrong.text) == (422, True)
    assert key
    known = await keys.check_key(newsroom, key[0], keys.Scope.READ)
    await admin.post(f"/desk/keys/{known.id}/revocation")
    with pytest.raises(Exception, match="not known"):
        await keys.check_key(newsroom, key[0], keys.Scope.READ)


async def test_over_tls_the_session_belongs_to_this_host_alone(tmp_path: Path, clock: Clock, signals: Signals) -> None:
    config = config_for(f"sqlite:///{tmp_path / 'majlis.db'}", public_url="https://comments.example")
    async with newsroom_of(config, now=clock, signals=signals) as (newsroom, live):
        alice = await person(newsroom, "alice", Role.ADMIN)
        token = await staff.one_time_login(newsroom.database, staff=alice, now=NOON, random=newsroom.random(32))
        transport = httpx.ASGITransport(build(config, newsroom, live))
        async with httpx.AsyncClient(transport=transport, base_url="https://comments.example") as browser:
            cookie = (await browser.get(f"/desk/login?token={token}")).headers["set-cookie"]
            assert cookie.startswith("__Host-majlis-desk=")
            assert "Secure" in cookie
            assert "Domain" not in cookie
            assert (await browser.get("/desk")).status_code == 200
