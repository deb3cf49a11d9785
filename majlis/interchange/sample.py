"""The sample newsroom that comes with Majlis: its stories and the comments under them, in six languages.

Its comments take the same way as every comment; nothing is put past the judge. Where it refers one of them, a
moderator of the sample desk decides, and the log says so.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from html import escape
from pathlib import Path

import msgspec

from majlis.domain.comment import Comment, Status
from majlis.domain.decision import Verdict
from majlis.domain.site import LANGUAGES, Role, Staff, Story
from majlis.services import moderate, react, stories
from majlis.services.newsroom import Newsroom
from majlis.services.staff import add_staff, one_time_login
from majlis.services.submit import Draft, submit
from majlis.store import people
from majlis.store import stories as stored_stories

HOUR_MS = 3_600_000
MODERATOR = "Rojîn"
ADMIN = "admin"
NAME = "Kaniroj"
FOLDER = Path(__file__).parent.parent / "demo"


class SampleStory(msgspec.Struct, frozen=True, kw_only=True):
    """A story as it is written in `demo/stories/LANG.toml`. `hours_ago` counts from the first start."""

    id: str
    title: str
    section: str
    dateline: str
    teaser: str
    body: tuple[str, ...]
    photo: str
    caption: str
    credit: str
    hours_ago: float
    language: str = ""


class SampleComment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment of `demo/comments/LANG.toml`. `reply_to` is the place of an earlier comment in the same file."""

    story: str
    name: str
    text: str
    hours_ago: float
    reply_to: int | None = None
    likes: int = 0
    featured: bool = False
    waiting: bool = False
    language: str = ""


class _Stories(msgspec.Struct, frozen=True):
    story: tuple[SampleStory, ...]


class _Comments(msgspec.Struct, frozen=True):
    comment: tuple[SampleComment, ...] = ()


def read_stories() -> list[SampleStory]:
    """Return the sample stories of every language."""
    found = []
    for language in LANGUAGES:
        raw = tomllib.loads((FOLDER / "stories" / f"{language}.toml").read_text("utf-8"))
        read = msgspec.convert(raw, _Stories)
        found += [msgspec.structs.replace(story, language=language) for story in read.story]
    return found


def read_comments() -> dict[str, list[SampleComment]]:
    """Return the sample comments by language, in the order in which they were written."""
    found = {}
    for language in LANGUAGES:
        raw = tomllib.loads((FOLDER / "comments" / f"{language}.toml").read_text("utf-8"))
        read = msgspec.convert(raw, _Comments)
        found[language] = [msgspec.structs.replace(comment, language=language) for comment in read.comment]
    return found


async def furnish(newsroom: Newsroom) -> int:
    """Add what is missing of the sample newsroom. Return how many comments were written; a second time it is none."""
    for text in read_stories():
        await _publish(newsroom, text)
    desk = await _person(newsroom, MODERATOR, Role.EDITOR)
    written = 0
    for language, samples in read_comments().items():
        made: dict[int, Comment] = {}
        for place, sample in enumerate(samples):
            made[place], fresh = await _write(newsroom, desk, sample, made, key=f"sample {language} {place}")
            written += fresh
    return written


async def _publish(newsroom: Newsroom, text: SampleStory) -> None:
    known = await newsroom.database.read(lambda tx: stored_stories.get_story(tx, text.id))
    published_at = known.published_at if known else newsroom.now() - int(text.hours_ago * HOUR_MS)
    await stories.publish(
        newsroom,
        Story(
            id=text.id,
            site=newsroom.site,
            url=f"{newsroom.public_url}/stories/{text.id}",
            title=text.title,
            language=text.language,
            published_at=published_at,
            section=text.section,
            dateline=text.dateline,
            teaser=text.teaser,
            body="".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.body),
            photo=text.photo,
            caption=text.caption,
            credit=text.credit,
        ),
    )


async def admin_login(newsroom: Newsroom) -> str:
    """Return a fresh one-time login of the sample desk's admin."""
    admin = await _person(newsroom, ADMIN, Role.ADMIN)
    return await one_time_login(newsroom.database, staff=admin, now=newsroom.now(), random=newsroom.random(32))


async def _person(newsroom: Newsroom, name: str, role: Role) -> Staff:
    known = await newsroom.database.read(lambda tx: people.staff_named(tx, site=newsroom.site, name=name))
    if known is not None:
        return known[0]
    return await add_staff(
        newsroom.database,
        site=newsroom.site,
        name=name,
        role=role,
        now=newsroom.now(),
        random=newsroom.random(10),
    )


async def _write(
    newsroom: Newsroom, desk: Staff, sample: SampleComment, made: Mapping[int, Comment], *, key: str
) -> tuple[Comment, bool]:
    """Submit a sample comment and bring it to where it belongs. False where an earlier start did so."""
    at = newsroom.now() - int(sample.hours_ago * HOUR_MS)
    then = dataclasses.replace(newsroom, now=lambda: at)
    parent = made[sample.reply_to] if sample.reply_to is not None else None
    draft = Draft(
        url=f"{newsroom.public_url}/stories/{sample.story}",
        body=sample.text,
        name=sample.name,
        language=sample.language,
        parent=parent.id if parent and parent.status is Status.APPROVED else None,
        trusted=True,
        idempotency_key=key,
    )
    comment = (await submit(then, draft)).comment
    if comment.submitted_at != at:
        return comment, False
    if sample.waiting:
        return comment, True
    if comment.status is not Status.APPROVED:
        ruling = moderate.Ruling(comment=comment.id, seen=comment.version, verdict=Verdict.APPROVE)
        comment, _ = await moderate.rule(then, desk, ruling)
    for reader in range(sample.likes):
        who = f"{key} {reader}"
        await react.like(then, comment=comment.id, reader=who, address=who, liked=True)
    if sample.featured:
        comment = await moderate.set_featured(then, desk, comment=comment.id, seen=comment.version, featured=True)
    return comment, True
