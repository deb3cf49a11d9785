"""What leaves for another system can be read again, and a spreadsheet runs none of it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from majlis import errors
from majlis.domain.comment import Comment
from majlis.interchange.formats import EXPORTS, OTHERS, reader
from majlis.interchange.leaving import WRITERS
from majlis.store.database import connect, sqlite_url
from tests.conftest import Desk
from tests.interchange.conftest import World

WORDS = "Why & <who>?\n\nسڵاو می\u200cخواهم\nlast \uffff"


def test_every_format_that_the_command_line_names_is_there() -> None:
    assert set(EXPORTS) == {"jsonl", *WRITERS}
    assert all(callable(reader(name)) for name in OTHERS)


async def spoken(desk: Desk) -> None:
    """Publish a comment with a reply, and reject one."""
    comment = await desk.publish(WORDS)
    await desk.publish("An answer about the bridge.", parent=comment.id)
    await desk.reject("=HYPERLINK(1)")


def shape(comments: list[Comment]) -> set[tuple[str, str, bool]]:
    """Return words, author and whether a parent is there."""
    return {(one.body.replace("\ufffd", "\uffff"), one.author.name, one.parent is not None) for one in comments}


@pytest.mark.parametrize("format", ["disqus", "wordpress"])
async def test_what_leaves_can_be_read_back(desk: Desk, tmp_path: Path, format: str) -> None:
    await spoken(desk)
    path = tmp_path / "export.xml"

    count = await WRITERS[format](desk.newsroom.database, path, "main")

    here = World(desk.newsroom.database, tmp_path)
    there = World(await connect(sqlite_url(tmp_path / "other")), tmp_path)
    report = await there.take(format, path)
    assert (count, report.written, report.strayed) == (3, 3, 0)
    assert shape(await there.stored()) == shape(await here.stored())
    assert [path.name for path in tmp_path.glob("*.part")] == []
    await there.database.close()


async def test_a_spreadsheet_runs_nothing(desk: Desk, tmp_path: Path) -> None:
    await spoken(desk)
    path = tmp_path / "export.csv"

    await WRITERS["csv"](desk.newsroom.database, path, "main")

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["body"] for row in rows} == {WORDS, "An answer about the bridge.", "'=HYPERLINK(1)"}


@pytest.mark.parametrize("format", list(WRITERS))
async def test_an_unknown_site_writes_no_file(desk: Desk, tmp_path: Path, format: str) -> None:
    with pytest.raises(errors.NotFound):
        await WRITERS[format](desk.newsroom.database, tmp_path / "export", "nowhere")
    assert not (tmp_path / "export").exists()
    with pytest.raises(errors.Unreadable):
        await WRITERS[format](desk.newsroom.database, tmp_path / "no folder" / "export", "main")
