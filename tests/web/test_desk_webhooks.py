"""The desk's page of webhooks: an admin sees what was given up, and sends it again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response

from majlis.app import build, newsroom_of
from majlis.domain.site import LANGUAGES, Role, Story
from majlis.services import deliver
from majlis.services.newsroom import Newsroom
from majlis.services.submit import Draft, submit
from majlis.signals.gather import Signals
from tests.conftest import Clock, config_for
from tests.receiver import SECRET, Receiver, receiver
from tests.web.desk_world import ASKED, Enter, enter

__all__ = ["enter"]


@pytest.fixture
def there() -> Receiver:
    return receiver()


@pytest.fixture
async def site(tmp_path: Path, clock: Clock, signals: Signals, there: Receiver) -> AsyncIterator[tuple[Newsroom, Any]]:
    config = config_for(
        f"sqlite:///{tmp_path / 'majlis.db'}",
        webhooks=(f"{there.url} {SECRET}",),
        webhook_networks=("127.0.0.1",),
    )
    async with newsroom_of(config, now=clock, signals=signals) as (newsroom, live):
        yield newsroom, build(config, newsroom, live)


async def test_an_admin_sees_what_was_given_up_and_sends_it_again(
    enter: Enter, newsroom: Newsroom, story: Story, there: Receiver
) -> None:
    hook = newsroom.hooks[0]
    admin = await enter("alice", Role.ADMIN)
    page = (await admin.get("/desk/webhooks")).text
    assert there.url.replace("&", "&amp;") in page
    assert "No message was given up." in page
    assert SECRET not in page
    there.answers = [Response(status_code=410)]
    async with there.up(), deliver.connect() as client:
        await submit(newsroom, Draft(url=story.url, body=ASKED, name="charlie"))
        await deliver.deliver_due(newsroom, hook, client)
        page = (await admin.get("/desk/webhooks")).text
        assert "Wants no more messages" in page
        assert '<code dir="ltr">410</code>' in page
        heard = len(there.heard)

        answer = await admin.post("/desk/webhooks/again", data={"url": there.url})
        assert "It will be sent again." in answer.text
        assert "Wants no more messages" not in answer.text
        while await deliver.deliver_due(newsroom, hook, client):
            pass

    assert len(there.heard) > heard
    assert "No message was given up." in (await admin.get("/desk/webhooks")).text
    for language in LANGUAGES:
        assert (await admin.get(f"/desk/webhooks?lang={language}")).status_code == 200


async def test_only_admins_see_it_and_only_what_is_there_is_sent(enter: Enter, newsroom: Newsroom) -> None:
    editor = await enter("bob", Role.EDITOR)
    assert (await editor.get("/desk/webhooks")).status_code == 403
    assert (await editor.post("/desk/webhooks/again", data={"url": newsroom.hooks[0].url})).status_code == 403
    admin = await enter("alice", Role.ADMIN)
    assert (await admin.post("/desk/webhooks/again", data={"url": "http://10.0.0.1/"})).status_code == 404
    assert (await admin.post(f"/desk/webhooks/{'0' * 32}/again")).status_code == 404
    assert (await admin.post("/desk/webhooks/%00/again")).status_code == 404
