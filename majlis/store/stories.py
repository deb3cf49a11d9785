"""Sites and stories: rows in, domain values out. It decides nothing about who may comment."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, insert, select, update

from majlis.domain.site import Story
from majlis.store.database import Connection
from majlis.store.query import Query, Row, among, insert_new
from majlis.store.tables import sites, stories

_S = stories.c
_FIELDS = tuple(column.name for column in stories.columns)
_FRESH = (
    "url",
    "title",
    "language",
    "published_at",
    "section",
    "dateline",
    "teaser",
    "body",
    "photo",
    "caption",
)

_ADD_SITE = insert_new(sites, "id")
_ADD = Query(insert(stories))
_RENEW = Query(
    update(stories)
    .where(_S.id == bindparam("old_id"))
    .values({name: bindparam(name) for name in (*_FRESH, "credit")} | {"revision": _S.revision + 1})
)
_SET_OPEN = Query(
    update(stories).where(_S.id == bindparam("old_id")).values(open=bindparam("open"), revision=_S.revision + 1)
)
_BY_ID = Query(select(stories).where(_S.id == bindparam("id")))
_HELD = Query(select(_S.open).where(_S.id == bindparam("id")).with_for_update(read=True))
_BY_URL = Query(select(stories).where(_S.site == bindparam("site"), _S.url == bindparam("url")))
_COUNTS = Query(lambda dialect: select(_S.url, _S.comments).where(_S.site == bindparam("site"), among(_S.url, dialect)))
_REVISIONS = Query(lambda dialect: select(_S.id, _S.revision).where(among(_S.id, dialect)))
_LATEST = Query(
    select(stories)
    .where(_S.site == bindparam("site"))
    .order_by(_S.published_at.desc(), _S.id.desc())
    .limit(bindparam("limit"))
)
_LATEST_IN = Query(
    select(stories)
    .where(_S.site == bindparam("site"), _S.language == bindparam("language"))
    .order_by(_S.published_at.desc(), _S.id.desc())
    .limit(bindparam("limit"))
)
_COUNT = Query(
    update(stories)
    .where(_S.id == bindparam("old_id"))
    .values(comments=_S.comments + bindparam("change"), revision=_S.revision + 1)
)


def story_of(row: Row) -> Story:
    """Make the domain value of a row."""
    kept = {name: row[name] for name in _FIELDS}
    return Story(**(kept | {"open": bool(row["open"])}))


async def add_site(tx: Connection, *, id: str, name: str, now: int) -> None:
    """Create the site unless it is there."""
    await tx.run(_ADD_SITE, id=id, name=name, created_at=now, log_seq=0, log_hash="")


async def put_story(tx: Connection, story: Story) -> Story:
    """Add a story, or renew its text where its id is known; counts, revision and openness are the store's own."""
    known = await get_story(tx, story.id)
    values = {name: getattr(story, name) for name in (*_FRESH, "credit")}
    if known is None:
        await tx.run(_ADD, **values, id=story.id, site=story.site, open=int(story.open), comments=0, revision=0)
    elif any(getattr(known, name) != value for name, value in values.items()):
        await tx.run(_RENEW, old_id=story.id, **values)
    stored = await get_story(tx, story.id)
    assert stored is not None
    return stored


async def get_story(tx: Connection, id: str) -> Story | None:
    """Return the story with this id."""
    row = await tx.one(_BY_ID, id=id)
    return story_of(row) if row else None


async def story_by_url(tx: Connection, *, site: str, url: str) -> Story | None:
    """Return the story of this site that has this address."""
    row = await tx.one(_BY_URL, site=site, url=url)
    return story_of(row) if row else None


async def counts(tx: Connection, *, site: str, urls: list[str]) -> dict[str, int]:
    """Return the stored counts of approved comments of those of these addresses that are stories."""
    rows = await tx.all(_COUNTS, site=site, ids=json.dumps(urls))
    return {row["url"]: row["comments"] for row in rows}


async def revisions(tx: Connection, ids: list[str]) -> dict[str, int]:
    """Return the revisions of the stories with these ids, of those that exist."""
    return {row["id"]: row["revision"] for row in await tx.all(_REVISIONS, ids=json.dumps(ids))}


async def latest(tx: Connection, *, site: str, language: str | None, limit: int) -> list[Story]:
    """Return the newest stories, in one language where it is given."""
    if language:
        rows = await tx.all(_LATEST_IN, site=site, language=language, limit=limit)
    else:
        rows = await tx.all(_LATEST, site=site, limit=limit)
    return [story_of(row) for row in rows]


async def set_open(tx: Connection, *, story: str, open: bool) -> None:
    """Open or close a story for new comments."""
    await tx.run(_SET_OPEN, old_id=story, open=int(open))


async def change_count(tx: Connection, *, story: str, by: int) -> None:
    """Add to the stored count of approved comments and start a new revision."""
    await tx.run(_COUNT, old_id=story, change=by)


async def hold_open(tx: Connection, *, story: str) -> bool:
    """Return whether a story takes comments; that stays so until the transaction ends."""
    row = await tx.one(_HELD, id=story)
    assert row is not None, story
    return bool(row["open"])
