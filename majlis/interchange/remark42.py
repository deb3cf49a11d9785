"""A Remark42 backup: gzip, first a line about the site, then a comment a line (remark42.com, "Backup and restore")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from majlis import errors
from majlis.domain.comment import Status
from majlis.interchange.archive import Archive, Found, Skipped, moment, unpacked
from majlis.interchange.json_stream import Object, lines, number, text, truth
from majlis.services.takeover import OldComment, OldStory


def read(archive: Archive) -> Iterator[Found]:
    """Yield the comments of a backup. Raises errors.ArchiveInvalid, errors.Unreadable."""
    return unpacked(archive, lambda stream: _read(stream, archive))


def _read(stream: BinaryIO, archive: Archive) -> Iterator[Found]:
    closed: set[str] = set()
    first = True
    for line, value in lines(stream, archive.path.name):
        if first:
            first = False
            if not isinstance(value.get("version"), int):
                raise errors.ArchiveInvalid("The first line is not that of a Remark42 backup.", hint="Check the file.")
            posts = value.get("posts")
            closed = {text(post, "url") for post in posts or () if isinstance(post, dict) and truth(post, "read_only")}
            continue
        yield _comment(value, closed, archive, f"line {line}")
    if first:
        raise errors.ArchiveInvalid("The backup is empty.", hint="Check the file.")


def _comment(value: Object, closed: set[str], archive: Archive, place: str) -> Found:
    locator, user, votes = value.get("locator"), value.get("user"), value.get("votes")
    page = text(locator, "url") if isinstance(locator, dict) else ""
    at = moment(text(value, "time"))
    if not text(value, "id") or not page or at is None:
        return Skipped(reason="its id, its page or its date cannot be read", place=place)
    try:
        url = archive.address(page)
    except errors.InvalidInput as error:
        return Skipped(reason=error.detail, place=place)
    typed, shown = text(value, "orig"), text(value, "text")
    up = sum(vote is True for vote in votes.values()) if isinstance(votes, dict) else 0
    return OldComment(
        key=text(value, "id"),
        parent=text(value, "pid") or None,
        story=OldStory(url=url, title=text(value, "title"), open=page not in closed),
        name=text(user, "name") if isinstance(user, dict) else "",
        body=typed or shown,
        original=None if typed else shown,
        at=at,
        status=Status.WITHDRAWN if truth(value, "delete") else Status.APPROVED,
        likes=up or number(value, "score"),
        featured=truth(value, "pin"),
        note="deleted" if truth(value, "delete") else "",
        place=place,
    )
