"""Artalk's Artrans: a JSON array of comments, every value of them text (artalk.js.org, "Data Migration")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from majlis import errors
from majlis.domain.comment import Status
from majlis.interchange.archive import Archive, Found, Skipped, moment, unpacked
from majlis.interchange.json_stream import Object, items, number, text, truth
from majlis.services.takeover import OldComment, OldStory


def read(archive: Archive) -> Iterator[Found]:
    """Yield the comments of an Artrans file. Raises errors.ArchiveInvalid, errors.Unreadable, errors.InvalidInput."""
    return unpacked(archive, lambda stream: _read(stream, archive))


def _read(stream: BinaryIO, archive: Archive) -> Iterator[Found]:
    for count, value in enumerate(items(stream, "item"), 1):
        yield _comment(value, archive, f"comment {count}")


def _comment(value: Object, archive: Archive, place: str) -> Found:
    at, page = moment(text(value, "created_at")), text(value, "page_key")
    if not text(value, "id") or not page or at is None:
        return Skipped(reason="its id, its page or its date cannot be read", place=place)
    try:
        url = archive.address(page)
    except errors.InvalidInput as error:
        if not archive.base:
            raise
        return Skipped(reason=error.detail, place=place)
    site, above = text(value, "site_name"), text(value, "rid")
    pending = truth(value, "is_pending")
    return OldComment(
        key=f"{site}#{text(value, 'id')}",
        parent=f"{site}#{above}" if above not in {"", "0"} else None,
        story=OldStory(url=url, title=text(value, "page_title"), open=not truth(value, "page_admin_only")),
        name=text(value, "nick"),
        email=text(value, "email") or None,
        body=text(value, "content"),
        at=at,
        status=Status.PENDING if pending else Status.APPROVED,
        likes=number(value, "vote_up"),
        featured=truth(value, "is_pinned"),
        note="pending" if pending else "",
        place=place,
    )
