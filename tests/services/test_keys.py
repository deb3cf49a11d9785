"""API keys: stored as hashes, scoped, limited each by its own rate; and feedback, which is kept and decides nothing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from majlis import errors
from majlis.interchange.leaving import WRITERS
from majlis.services import keys
from majlis.services.feedback import keep_feedback
from majlis.services.keys import Scope
from majlis.services.newsroom import Newsroom
from majlis.store import comments
from tests.conftest import NOON, Desk


async def made(newsroom: Newsroom, scope: Scope, rate: str = "") -> str:
    """Make a key."""
    random = newsroom.random(keys.RANDOM_BYTES)
    return await keys.create_key(
        newsroom.database, site="main", name="cms", scope=scope, now=NOON, random=random, rate=rate
    )


async def test_a_revoked_key_stops_working(newsroom: Newsroom) -> None:
    secret = await made(newsroom, Scope.READ)
    (key,) = await keys.open_keys(newsroom.database, site="main")
    assert (key.name, key.scope, key.created_at) == ("cms", "read", NOON)
    assert await keys.check_key(newsroom, secret, Scope.READ) == key

    await keys.revoke_key(newsroom.database, site="main", id=key.id, now=NOON)

    assert await keys.open_keys(newsroom.database, site="main") == []
    with pytest.raises(errors.ApiKeyInvalid):
        await keys.check_key(newsroom, secret, Scope.READ)
    with pytest.raises(errors.NotFound):
        await keys.revoke_key(newsroom.database, site="main", id=key.id, now=NOON)


async def test_a_key_does_no_more_than_its_scope(newsroom: Newsroom) -> None:
    secret = await made(newsroom, Scope.JUDGE)

    assert await keys.check_key(newsroom, secret, Scope.JUDGE)
    for scope in (Scope.READ, Scope.WRITE):
        with pytest.raises(errors.Forbidden):
            await keys.check_key(newsroom, secret, scope)


async def test_each_key_has_its_own_limit(newsroom: Newsroom) -> None:
    small, free = await made(newsroom, Scope.JUDGE, "2/minute"), await made(newsroom, Scope.JUDGE)

    for _ in range(2):
        await keys.check_key(newsroom, small, Scope.JUDGE)
    with pytest.raises(errors.TooManyRequests) as refused:
        await keys.check_key(newsroom, small, Scope.JUDGE)

    assert 0 < refused.value.retry_after <= 60
    for _ in range(10):
        await keys.check_key(newsroom, free, Scope.JUDGE)


@pytest.mark.parametrize(("name", "rate", "field"), [("", "", "name"), ("cms", "often", "rate"), ("cms", "0", "rate")])
async def test_a_key_that_cannot_be_is_refused(newsroom: Newsroom, name: str, rate: str, field: str) -> None:
    with pytest.raises(errors.InvalidInput) as refused:
        await keys.create_key(
            newsroom.database, site="main", name=name, scope=Scope.READ, now=NOON, random=bytes(34), rate=rate
        )
    assert refused.value.field == field


async def test_feedback_is_kept_with_who_sent_it_and_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    newsroom = desk.newsroom
    comment = await desk.publish()
    key = await keys.check_key(newsroom, await made(newsroom, Scope.JUDGE), Scope.JUDGE)

    await keep_feedback(
        newsroom, key, protocol="perspective", text=comment.body, labels={"TOXICITY": 1.0}, reference=comment.id
    )

    path = tmp_path / "feedback.jsonl"
    assert await WRITERS["feedback"](newsroom.database, path, "main") == 1
    (said,) = [msgspec.json.decode(line) for line in path.read_bytes().splitlines()]
    assert (said["text"], said["labels"], said["sender"]) == (comment.body, {"TOXICITY": 1.0}, "cms")
    assert await desk.newsroom.database.read(lambda tx: comments.get_comment(tx, comment.id)) == comment
