"""A disk that is full or takes no writes: comments are refused with a sentence, nothing that was taken is lost."""

from __future__ import annotations

import os
import resource
import secrets
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from majlis.signals.gather import Signals
from tests.faults.conftest import Disk
from tests.faults.process import MAJLIS, Served, served, until, words

pytestmark = pytest.mark.processes


@pytest.fixture(params=["sqlite", "postgresql"])
async def on_disk(request: pytest.FixtureRequest, disk: Disk) -> AsyncIterator[str]:
    """The address of a new database of each kind, whose tables are on the small disk."""
    if request.param == "sqlite":
        yield f"sqlite:///{disk.path / 'majlis.db'}"
        return
    server: str = request.getfixturevalue("postgres")
    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(server)
    folder = disk.path / "tables"
    folder.mkdir()
    data = Path(await admin.fetchval("SHOW data_directory"))
    os.chown(folder, data.stat().st_uid, data.stat().st_gid)
    await admin.execute(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
    await admin.execute(f"CREATE DATABASE {name} TABLESPACE {name}")
    yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.execute(f"DROP TABLESPACE {name}")
    await admin.close()


async def fill_until_refused(server: Served) -> list[str]:
    """Post until the server refuses, and check how it does. Return the words that it took."""
    taken = []
    async with server.client() as client:
        while True:
            body = words() + " again" * 500
            answer = await server.post(client, body)
            if answer.status_code != 201:
                break
            taken.append(body)
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert answer.json()["code"] == "store-unavailable"
        assert (await client.get("/api/v1/threads", params={"story": server.story.url})).status_code == 200
    return taken


async def takes_again(server: Served, taken: list[str]) -> None:
    """Check that a server with room again has lost nothing, takes comments and judges all of them."""
    async with server.client() as client:

        async def takes() -> bool:
            body = words()
            answer = await server.post(client, body)
            if answer.status_code == 201:
                taken.append(body)
            return answer.status_code == 201

        await until(takes, 120)

    async def all_judged() -> bool:
        return all(row["risk"] is not None for row in await server.stored())

    await until(all_judged, 240, pause=0.5)
    stored = [row["body"] for row in await server.stored()]
    assert len(set(stored)) == len(stored)
    assert set(taken) <= set(stored)
    assert server.stop() == 0
    server.verify()


async def test_a_full_disk_refuses_comments_until_there_is_room(
    on_disk: str, disk: Disk, tmp_path: Path, signals: Signals
) -> None:
    async with served(on_disk, tmp_path, signals) as server:
        disk.fill()
        taken = await fill_until_refused(server)
        disk.free()
        await takes_again(server, taken)


async def test_a_file_that_may_not_grow_refuses_comments_until_it_may(tmp_path: Path, signals: Signals) -> None:
    async with served(f"sqlite:///{tmp_path / 'majlis.db'}", tmp_path, signals) as server:
        assert server.process is not None
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1 << 20, most))
        taken = await fill_until_refused(server)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, most))
        await takes_again(server, taken)


async def test_a_disk_that_takes_no_writes_is_said_at_the_start(disk: Disk, tmp_path: Path, signals: Signals) -> None:
    async with served(f"sqlite:///{disk.path / 'majlis.db'}", tmp_path, signals, start=False) as server:
        disk.mount("remount,ro")
        environment = {
            "MAJLIS_DATABASE": server.config.database,
            "MAJLIS_SECRET": server.config.secret,
            "MAJLIS_PUBLIC_URL": server.origin,
        }
        refused = subprocess.run(
            [MAJLIS, "serve"], env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
        )
        disk.mount("remount,rw")
    assert refused.returncode == 2
    assert "cannot be opened" in refused.stderr
    assert "Traceback" not in refused.stderr
