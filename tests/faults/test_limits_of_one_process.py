"""One process serves a SQLite file, and it turns comments away before it holds more than it can judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from majlis import errors
from majlis.domain.comment import Status
from majlis.services.limits import DEFAULT, PLACES, Limits
from majlis.store.database import connect, sqlite_url
from tests.conftest import Desk


async def test_a_second_serving_process_is_refused_and_a_command_is_not(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    first = await connect(url, serving=True)
    with pytest.raises(errors.StoreUnavailable, match="Another process serves"):
        await connect(url, serving=True)
    command = await connect(url)
    await command.close()
    await first.close()
    again = await connect(url, serving=True)
    await again.close()


async def test_a_file_that_cannot_be_opened_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "majlis.db").mkdir()
    with pytest.raises(errors.StoreUnavailable, match="cannot be opened"):
        await connect(sqlite_url(tmp_path))


def test_places_are_given_back_whatever_happens() -> None:
    limits = Limits(DEFAULT, places=1)
    with limits.place(), pytest.raises(errors.Overloaded):
        limits.place().__enter__()
    with pytest.raises(errors.StoryClosed), limits.place():
        raise errors.StoryClosed("The newsroom takes no more comments on this story.")
    assert limits.busy == 0


async def test_a_full_process_stores_nothing_and_takes_comments_again_afterwards(desk: Desk) -> None:
    limits = desk.newsroom.limits
    limits.busy = PLACES
    with pytest.raises(errors.Overloaded):
        await desk.post()
    limits.busy = 0
    assert (await desk.post()).status in set(Status)
