"""A Disqus export: one XML file, threads first, then posts (help.disqus.com, "Comments Export").

It tells deleted from spam from shown, and no more: Disqus does not export votes or what waits for a moderator.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from majlis import errors
from majlis.domain.comment import Status
from majlis.interchange import xml
from majlis.interchange.archive import Archive, Found, Skipped, moment, unpacked
from majlis.services.takeover import OldComment, OldStory

_WANTED = {"thread": 1, "post": 1, "category": 1}


def read(archive: Archive) -> Iterator[Found]:
    """Yield the comments of an export. Raises errors.ArchiveInvalid, errors.Unreadable."""
    return unpacked(archive, lambda stream: _read(stream, archive))


def _read(stream: BinaryIO, archive: Archive) -> Iterator[Found]:
    stories: dict[str, OldStory] = {}
    for element in xml.elements(stream, root="disqus", wanted=_WANTED):
        if xml.name(element) == "thread":
            stories[xml.attribute(element, "id")] = _story(element)
        elif xml.name(element) == "post":
            yield _comment(element, stories, archive)


def _story(thread: etree._Element) -> OldStory:
    return OldStory(
        url=xml.text(thread, "link").strip(),
        title=xml.text(thread, "title").strip(),
        at=moment(xml.text(thread, "createdAt")),
        open=xml.text(thread, "isClosed") != "true",
    )


def _comment(post: etree._Element, stories: dict[str, OldStory], archive: Archive) -> Found:
    key = xml.attribute(post, "id")
    place = f"line {post.sourceline}, post {key[:40]}"
    story = stories.get(xml.attribute(xml.child(post, "thread"), "id"))
    at = moment(xml.text(post, "createdAt"))
    if not key or story is None or not story.url:
        return Skipped(reason="its thread is not in the file or has no address", place=place)
    if at is None:
        return Skipped(reason="its date cannot be read", place=place)
    author = xml.child(post, "author")
    deleted, spam = xml.text(post, "isDeleted") == "true", xml.text(post, "isSpam") == "true"
    approved = xml.text(post, "isApproved") != "false"
    status = Status.APPROVED if approved else Status.PENDING
    if deleted:
        status = Status.WITHDRAWN
    elif spam:
        status = Status.REJECTED
    message = xml.text(post, "message")
    try:
        story = OldStory(url=archive.address(story.url), title=story.title, at=story.at, open=story.open)
    except errors.InvalidInput as error:
        return Skipped(reason=error.detail, place=place)
    return OldComment(
        key=key,
        parent=xml.attribute(xml.child(post, "parent"), "id") or None,
        story=story,
        name=xml.text(author, "name") if author is not None else "",
        email=(xml.text(author, "email") if author is not None else "") or None,
        body=message,
        original=message,
        at=at,
        status=status,
        note="deleted" if deleted else "spam" if spam else "",
        place=place,
    )
