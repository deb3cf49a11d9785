"""A running application, spoken to over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from majlis.app import build, newsroom_of
from majlis.domain.site import Role, Story
from majlis.services import keys, staff, stories
from majlis.services.newsroom import Newsroom
from majlis.signals.gather import Signals
from tests.conftest import NOON, Clock, a_story, config_for


@pytest.fixture
async def site(tmp_path: Path, clock: Clock, signals: Signals) -> AsyncIterator[tuple[Newsroom, Any]]:
    """A newsroom on SQLite and its application."""
    config = config_for(f"sqlite:///{tmp_path / 'majlis.db'}")
    async with newsroom_of(config, now=clock, signals=signals) as (newsroom, live):
        yield newsroom, build(config, newsroom, live)


@pytest.fixture
async def newsroom(site: tuple[Newsroom, Any]) -> Newsroom:
    return site[0]


@pytest.fixture
async def client(site: tuple[Newsroom, Any]) -> AsyncIterator[httpx.AsyncClient]:
    """A program that calls the server."""
    transport = httpx.ASGITransport(site[1])
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as made:
        yield made


@pytest.fixture
async def browser(site: tuple[Newsroom, Any]) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without JavaScript: it keeps cookies and sends its Origin."""
    transport = httpx.ASGITransport(site[1])
    headers = {"origin": "http://testserver", "accept": "text/html"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as made:
        yield made


@pytest.fixture
async def story(newsroom: Newsroom) -> Story:
    return await stories.publish(newsroom, a_story())


@pytest.fixture
async def key(newsroom: Newsroom) -> str:
    """An API key with the scope write."""
    return await keys.create_key(
        newsroom.database, site="main", name="cms", scope=keys.Scope.WRITE, now=NOON, random=bytes(range(42))
    )


@pytest.fixture
async def login(newsroom: Newsroom) -> str:
    """A one-time login of alice, an admin."""
    alice = await staff.add_staff(
        newsroom.database, site="main", name="alice the admin", role=Role.ADMIN, now=NOON, random=b"alice12345"
    )
    return await staff.one_time_login(newsroom.database, staff=alice, now=NOON, random=newsroom.random(32))
