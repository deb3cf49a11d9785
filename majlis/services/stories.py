"""Finding the story that a comment is about, and taking in the newsroom's stories. No address is ever fetched here."""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlsplit

import msgspec

from majlis import errors
from majlis.domain.site import LANGUAGES, Story
from majlis.domain.text import check_text
from majlis.services.newsroom import Newsroom
from majlis.store import stories
from majlis.store.database import Connection, Database

MAX_URL = 2_048


def check_url(url: str) -> str:
    """Return a story's address if it can be one. Raises errors.InvalidInput."""
    check_text(url, field="story.url", max_bytes=MAX_URL, max_characters=MAX_URL)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in url
    except ValueError:
        usable = False
    if not usable:
        raise errors.InvalidInput(
            "The field story.url is not an http or https address.", hint="Send the whole address.", field="story.url"
        )
    return url


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address, in lower case."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


async def look_up(newsroom: Newsroom, url: str) -> Story:
    """Return the story with this address; one of the newsroom's own origins that nobody commented on yet is empty.

    Raises:
        errors.InvalidInput: not an address.
        errors.StoryNotFound: not a story of this newsroom.
    """
    check_url(url)
    story = await newsroom.database.read(lambda tx: stories.story_by_url(tx, site=newsroom.site, url=url))
    if story is not None:
        return story
    if origin_of(url) not in newsroom.origins:
        raise errors.StoryNotFound(
            "No story of this newsroom has this address.", hint="Check the address.", field="story.url"
        )
    return Story(
        id=_story_id(newsroom.site, url),
        site=newsroom.site,
        url=url,
        title="",
        language=newsroom.language,
        published_at=newsroom.now(),
    )


async def counts(newsroom: Newsroom, urls: list[str]) -> dict[str, int]:
    """Return how many published comments the stories with these addresses have; 0 where there is no story.

    Raises:
        errors.InvalidInput: one of them is not an address.
    """
    asked = {check_url(url): 0 for url in urls}
    found = await newsroom.database.read(lambda tx: stories.counts(tx, site=newsroom.site, urls=list(asked)))
    return asked | found


async def revisions(newsroom: Newsroom, ids: list[str]) -> dict[str, int]:
    """Return the revisions of the stories with these ids, of those that exist."""
    return await newsroom.database.read(lambda tx: stories.revisions(tx, ids))


async def find_story(newsroom: Newsroom, *, url: str, title: str, language: str | None) -> Story:
    """Return the stored story, storing one of the newsroom's own origins on its first comment.

    Raises:
        errors.InvalidInput, errors.StoryNotFound: as look_up.
    """
    story = await look_up(newsroom, url)
    if story.title or story.revision or story.comments:
        return story
    known = await newsroom.database.read(lambda tx: stories.get_story(tx, story.id))
    if known is not None:
        return known
    check_text(title, field="story.title", max_bytes=2_000, max_characters=500)
    fresh = Story(
        id=story.id,
        site=story.site,
        url=url,
        title=title or url,
        language=language if language in LANGUAGES else newsroom.language,
        published_at=story.published_at,
    )
    return await publish(newsroom, fresh)


async def publish(newsroom: Newsroom, story: Story) -> Story:
    """Add one of the newsroom's own stories, or renew its text."""
    stored = await newsroom.database.write(lambda tx: stories.put_story(tx, story))
    newsroom.announce(stored.id)
    return stored


async def take_story(database: Database, story: Story, *, dated: bool = True) -> bool:
    """Add an imported story, or renew its text. True where that changed something.

    A story whose source names no date keeps the date at which it was first taken in.
    """

    async def work(tx: Connection) -> bool:
        known = await stories.story_by_url(tx, site=story.site, url=story.url)
        taken = story
        if known is not None:
            at = story.published_at if dated else known.published_at
            taken = msgspec.structs.replace(story, id=known.id, published_at=at)
        stored = await stories.put_story(tx, taken)
        return known is None or known.revision != stored.revision

    return await database.write(work)


async def set_open(newsroom: Newsroom, *, story: str, open: bool) -> None:
    """Open or close a story for new comments."""
    await newsroom.database.write(lambda tx: stories.set_open(tx, story=story, open=open))
    newsroom.announce(story)


def _story_id(site: str, url: str) -> str:
    """Return the same id for the same address on every node, so that two first comments make one story."""
    return sha256(f"{site}\0{url}".encode()).hexdigest()[:32]
