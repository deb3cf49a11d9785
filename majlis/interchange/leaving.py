"""What leaves for elsewhere: Disqus XML, WordPress WXR, CSV, and feedback as JSON Lines. Written as it is read.

No format of comments can hold what Majlis knows: reasons, decisions and the log are only in our own archive.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree

from majlis import errors
from majlis.domain.comment import Comment, Status
from majlis.domain.site import Story
from majlis.interchange.judgement_csv import safe_cell
from majlis.store import archive, feedback, leaving
from majlis.store.database import Connection, Database

Writer = Callable[[Database, Path, str], Awaitable[int]]

DISQUS = "http://disqus.com"
INTERNALS = "http://disqus.com/disqus-internals"
WP = "http://wordpress.org/export/1.2/"
COLUMNS = (
    "id",
    "parent",
    "story_url",
    "story_title",
    "author",
    "email",
    "body",
    "language",
    "status",
    "submitted_at",
    "published_at",
    "likes",
    "featured",
)
_WP_STATUS = {Status.APPROVED: "1", Status.PENDING: "0", Status.REJECTED: "trash", Status.WITHDRAWN: "trash"}


async def write_disqus(database: Database, file: Path, site: str) -> int:
    """Write all comments as a Disqus export. Return how many. Raises errors.NotFound, errors.Unreadable."""

    async def work(tx: Connection, part: Path) -> int:
        count = 0
        with etree.xmlfile(str(part), encoding="utf-8") as xml:
            xml.write_declaration()
            with xml.element(f"{{{DISQUS}}}disqus", nsmap={None: DISQUS, "dsq": INTERNALS}):
                async for story in leaving.all_stories(tx, site):
                    _disqus_thread(xml, story)
                async for story, comment in _comments(tx, site):
                    _disqus_post(xml, story, comment)
                    count += 1
        return count

    return await _written(database, file, site, work)


def _disqus_thread(xml: Any, story: Story) -> None:
    with _element(xml, DISQUS, "thread", {f"{{{INTERNALS}}}id": story.id}):
        _leaf(xml, DISQUS, "id", story.id)
        _leaf(xml, DISQUS, "link", story.url)
        _leaf(xml, DISQUS, "title", story.title)
        _leaf(xml, DISQUS, "createdAt", _iso(story.published_at))
        _leaf(xml, DISQUS, "isClosed", _truth(not story.open))
        _leaf(xml, DISQUS, "isDeleted", "false")


def _disqus_post(xml: Any, story: Story, comment: Comment) -> None:
    with _element(xml, DISQUS, "post", {f"{{{INTERNALS}}}id": comment.id}):
        _leaf(xml, DISQUS, "id", comment.id)
        _leaf(xml, DISQUS, "message", _paragraphs(comment.body))
        _leaf(xml, DISQUS, "createdAt", _iso(comment.submitted_at))
        _leaf(xml, DISQUS, "isDeleted", _truth(comment.status in {Status.REJECTED, Status.WITHDRAWN}))
        _leaf(xml, DISQUS, "isSpam", "false")
        _leaf(xml, DISQUS, "isApproved", _truth(comment.status is not Status.PENDING))
        with _element(xml, DISQUS, "author", {}):
            if comment.author.email:
                _leaf(xml, DISQUS, "email", comment.author.email)
            _leaf(xml, DISQUS, "name", comment.author.name)
            _leaf(xml, DISQUS, "isAnonymous", _truth(comment.author.email is None))
        with _element(xml, DISQUS, "thread", {f"{{{INTERNALS}}}id": story.id}):
            pass
        if comment.parent:
            with _element(xml, DISQUS, "parent", {f"{{{INTERNALS}}}id": comment.parent}):
                pass


async def write_wordpress(database: Database, file: Path, site: str) -> int:
    """Write all comments as WXR 1.2. Return how many. Raises errors.NotFound, errors.Unreadable."""

    async def work(tx: Connection, part: Path) -> int:
        count = post = 0
        with etree.xmlfile(str(part), encoding="utf-8") as xml:
            xml.write_declaration()
            with xml.element("rss", {"version": "2.0"}, nsmap={"wp": WP}), xml.element("channel"):
                _leaf(xml, "", "title", site)
                _leaf(xml, WP, "wxr_version", "1.2")
                async for story in leaving.all_stories(tx, site):
                    post += 1
                    numbers: dict[str, int] = {}
                    with xml.element("item"):
                        _wp_post(xml, story, post)
                        async for comment in leaving.all_comments(tx, story.id):
                            own, parent = (
                                # WordPress knows numbers only. Of two comments of one moment the reply may come first.
                                count + numbers.setdefault(id, len(numbers) + 1) if id else 0
                                for id in (comment.id, comment.parent)
                            )
                            _wp_comment(xml, comment, own, parent)
                    count += len(numbers)
        return count

    return await _written(database, file, site, work)


def _wp_post(xml: Any, story: Story, number: int) -> None:
    _leaf(xml, "", "title", story.title)
    _leaf(xml, "", "link", story.url)
    _leaf(xml, WP, "post_id", str(number))
    _leaf(xml, WP, "post_date_gmt", _sql(story.published_at))
    _leaf(xml, WP, "comment_status", "open" if story.open else "closed")
    _leaf(xml, WP, "post_type", "post")


def _wp_comment(xml: Any, comment: Comment, number: int, parent: int) -> None:
    with _element(xml, WP, "comment", {}):
        _leaf(xml, WP, "comment_id", str(number))
        _leaf(xml, WP, "comment_author", comment.author.name)
        _leaf(xml, WP, "comment_author_email", comment.author.email or "")
        _leaf(xml, WP, "comment_date", _sql(comment.submitted_at))
        _leaf(xml, WP, "comment_date_gmt", _sql(comment.submitted_at))
        _leaf(xml, WP, "comment_content", escape(comment.body, quote=False))
        _leaf(xml, WP, "comment_approved", _WP_STATUS[comment.status])
        _leaf(xml, WP, "comment_type", "comment")
        _leaf(xml, WP, "comment_parent", str(parent))


async def write_csv(database: Database, file: Path, site: str) -> int:
    """Write all comments as CSV for spreadsheets: UTF-8 with a byte order mark, and no cell that runs as a formula.

    Raises:
        errors.NotFound, errors.Unreadable.
    """

    async def work(tx: Connection, part: Path) -> int:
        count = 0
        with part.open("w", encoding="utf-8-sig", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(COLUMNS)
            async for story, comment in _comments(tx, site):
                rows.writerow([safe_cell(cell) for cell in _cells(story, comment)])
                count += 1
        return count

    return await _written(database, file, site, work)


async def write_feedback(database: Database, file: Path, site: str) -> int:
    """Write what programs said that judgements should have been, as lines that `majlis judge` reads. Return how many.

    Raises:
        errors.NotFound, errors.Unreadable.
    """

    async def work(tx: Connection, part: Path) -> int:
        count = 0
        with part.open("wb") as out:
            async for said in feedback.all_feedback(tx, site):
                line = {
                    "id": said.id,
                    "text": said.text,
                    "language": said.language or None,
                    "labels": said.labels,
                    "protocol": said.protocol,
                    "sender": said.sender,
                    "reference": said.reference,
                    "about": said.about,
                    "at": _iso(said.at),
                }
                out.write(msgspec.json.encode(line) + b"\n")
                count += 1
        return count

    return await _written(database, file, site, work)


def _cells(story: Story, comment: Comment) -> tuple[str, ...]:
    return (
        comment.id,
        comment.parent or "",
        story.url,
        story.title,
        comment.author.name,
        comment.author.email or "",
        comment.body,
        comment.language,
        comment.status.value,
        _iso(comment.submitted_at),
        _iso(comment.published_at) if comment.published_at is not None else "",
        str(comment.likes),
        _truth(comment.featured),
    )


async def _comments(tx: Connection, site: str) -> AsyncIterator[tuple[Story, Comment]]:
    async for story in leaving.all_stories(tx, site):
        async for comment in leaving.all_comments(tx, story.id):
            yield story, comment


async def _written(
    database: Database, file: Path, site: str, work: Callable[[Connection, Path], Awaitable[int]]
) -> int:
    """Write a file as of one moment. It takes its name only once it is whole."""
    part = file.with_name(file.name + ".part")

    async def at_one_moment(tx: Connection) -> int:
        if await archive.head(tx, site) is None:
            raise errors.NotFound(f"There is no site {site!r} in this database.")
        return await work(tx, part)

    try:
        part.touch()
        count = await database.snapshot(at_one_moment)
        part.replace(file)
    except (OSError, etree.SerialisationError) as error:
        raise errors.Unreadable(f"{file} cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _element(xml: Any, space: str, name: str, attributes: Mapping[str, str]) -> AbstractContextManager[None]:
    element: AbstractContextManager[None] = xml.element(f"{{{space}}}{name}" if space else name, dict(attributes))
    return element


def _leaf(xml: Any, space: str, name: str, text: str) -> None:
    with _element(xml, space, name, {}):
        xml.write(_allowed(text))


def _allowed(text: str) -> str:
    """Return a text without the two characters that may be in a comment and never in XML."""
    return text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def _paragraphs(body: str) -> str:
    """Return the HTML of a comment, as Disqus keeps it."""
    parts = escape(body, quote=False).replace("\r\n", "\n").split("\n\n")
    return "".join(f"<p>{part.replace(chr(10), '<br>')}</p>" for part in parts)


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _sql(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _truth(value: bool) -> str:
    return "true" if value else "false"


WRITERS: Mapping[str, Writer] = {
    "disqus": write_disqus,
    "wordpress": write_wordpress,
    "csv": write_csv,
    "feedback": write_feedback,
}
