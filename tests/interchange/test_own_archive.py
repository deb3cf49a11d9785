"""Our own archive brings a site back as it was, and every change of it is found without a database."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from majlis import errors
from majlis.domain.site import Staff
from majlis.interchange import own
from majlis.services import react, roster
from majlis.services.submit import Draft, submit
from majlis.store import log, people
from majlis.store.database import connect, sqlite_url
from tests.conftest import NOON, Desk


async def archive_of(desk: Desk, folder: Path) -> Path:
    """Export a site with comments in every state."""
    comment = await desk.publish()
    await desk.reject()
    await react.like(desk.newsroom, comment=comment.id, reader="bob", address="192.0.2.9", liked=True)
    await submit(
        desk.newsroom,
        Draft(url=desk.story.url, body="And the river?", name="bob", email="bob@reader.example", parent=comment.id),
    )
    path = folder / "majlis.jsonl"
    await own.export(desk.newsroom.database, path, site="main", now=NOON)
    return path


async def test_an_archive_in_an_empty_database_is_the_same_site(desk: Desk, tmp_path: Path) -> None:
    path = await archive_of(desk, tmp_path)
    other = await connect(sqlite_url(tmp_path / "other"))

    manifest, new = await own.restore(other, path)
    _, again = await own.restore(other, path)
    second = tmp_path / "again.jsonl"
    await own.export(other, second, site="main", now=NOON)

    assert new == sum(manifest.rows.values())
    assert again == 0
    assert second.read_bytes() == path.read_bytes()
    assert await log.verify(other, "main") == manifest.entries
    await other.close()


async def test_no_password_leaves_with_an_archive(desk: Desk, tmp_path: Path) -> None:
    path = await archive_of(desk, tmp_path)

    rows = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    assert [row["password"] for table, row in rows if table == "staff"] == [None]
    assert not {"keys", "sessions", "logins"} & {table for table, _ in rows}


async def test_who_left_comes_back_with_an_archive_as_somebody_who_left(desk: Desk, bob: Staff, tmp_path: Path) -> None:
    await desk.publish()
    await roster.remove(desk.newsroom.database, site="main", id=desk.moderator.id, by=bob.id, now=NOON)
    path = tmp_path / "majlis.jsonl"
    await own.export(desk.newsroom.database, path, site="main", now=NOON)
    other = await connect(sqlite_url(tmp_path / "other"))

    await own.restore(other, path)

    assert [person.name for person in await roster.everybody(other, site="main")] == ["bob"]
    assert await other.read(lambda tx: people.names(tx, site="main")) == {desk.moderator.id: "alice", bob.id: "bob"}
    await other.close()


async def test_an_archive_from_before_people_could_leave_is_taken(desk: Desk, tmp_path: Path) -> None:
    path = await archive_of(desk, tmp_path)
    forge(path, path.read_bytes().replace(b',"removed_at":null', b""))
    other = await connect(sqlite_url(tmp_path / "other"))

    await own.restore(other, path)

    assert b"removed_at" not in path.read_bytes()
    assert await roster.everybody(other, site="main") == [desk.moderator]
    await other.close()


async def test_a_site_with_a_history_of_its_own_is_not_mixed(desk: Desk, tmp_path: Path) -> None:
    path = await archive_of(desk, tmp_path)
    await desk.publish("Something new.")
    head = await log.verify(desk.newsroom.database, "main")

    with pytest.raises(errors.ArchiveInvalid, match="not the archive's"):
        await own.restore(desk.newsroom.database, path)

    assert await log.verify(desk.newsroom.database, "main") == head


def forge(path: Path, content: bytes) -> None:
    """Change an archive and make its manifest fit, as somebody would who knows how."""
    path.write_bytes(content)
    manifest = own.manifest_path(path)
    told = msgspec.json.decode(manifest.read_bytes())
    told |= {"bytes": len(content), "sha256": sha256(content).hexdigest()}
    manifest.write_bytes(msgspec.json.encode(told))


def edited(content: bytes, table: str, **changes: Any) -> bytes:
    """Return an archive with other values in the first row of a table."""
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines):
        name, row = msgspec.json.decode(line)
        if name == table:
            lines[number] = msgspec.json.encode([name, row | changes]) + b"\n"
            break
    return b"".join(lines)


async def test_every_change_of_an_archive_is_found(desk: Desk, tmp_path: Path) -> None:
    path = await archive_of(desk, tmp_path)
    content = path.read_bytes()

    path.write_bytes(content[:-10])
    with pytest.raises(errors.ArchiveInvalid, match="its manifest says"):
        await own.verify(path)
    for change in (
        edited(content, "comments", body="other words"),
        edited(content, "records", note="better so"),
        edited(content, "log", actor="nobody"),
    ):
        forge(path, change)
        with pytest.raises(errors.LogBroken):
            await own.verify(path)
    for change in (
        edited(content, "comments", submitted_at="noon"),
        edited(content, "comments", site="other"),
        edited(content, "comments", extra=1),
        content.replace(b'["comments"', b'["secrets"', 1),
        content[:-10],
        b"\xff" + content,
    ):
        forge(path, change)
        with pytest.raises(errors.ArchiveInvalid, match="Line"):
            await own.verify(path)


async def test_a_forged_archive_stores_nothing(desk: Desk, tmp_path: Path) -> None:
    path = await archive_of(desk, tmp_path)
    forge(path, edited(path.read_bytes(), "comments", body="other words"))
    other = await connect(sqlite_url(tmp_path / "other"))

    with pytest.raises(errors.LogBroken):
        await own.restore(other, path)

    assert await other.read(log.site_ids) == []
    await other.close()
