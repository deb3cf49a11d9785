"""Exports of Commento and Comentario: JSON with `comments` and `commenters`, and with `pages` since version 3.

The people stand after the comments, so the file is read for them first; they and the pages are kept in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from majlis import errors
from majlis.domain.comment import Status
from majlis.interchange.archive import PACKING, Archive, Found, Skipped, moment, unpacked
from majlis.interchange.json_stream import Object, items, number, text, truth
from majlis.services.takeover import OldComment, OldStory

_STATES = {
    "approved": (Status.APPROVED, ""),
    "unapproved": (Status.PENDING, "unapproved"),
    "flagged": (Status.PENDING, "flagged"),
    "deleted": (Status.WITHDRAWN, "deleted"),
}


class _Around(msgspec.Struct, frozen=True):
    """What comments name by id: people with name and address, and pages."""

    people: dict[str, tuple[str, str]]
    pages: dict[str, Object]


def read(archive: Archive) -> Iterator[Found]:
    """Yield the comments of an export. Raises errors.ArchiveInvalid, errors.Unreadable, errors.InvalidInput."""
    with archive.open() as stream:
        pages = {text(page, "id"): page for page in _safe(items(stream, "pages.item"), archive)}
    people = {}
    with archive.open() as stream:
        for one in _safe(items(stream, "commenters.item"), archive):
            people[text(one, "commenterHex", "id")] = (text(one, "name"), text(one, "email"))
    around = _Around(people, pages)
    return unpacked(archive, lambda stream: _read(stream, archive, around))


def _safe(values: Iterator[Object], archive: Archive) -> Iterator[Object]:
    try:
        yield from values
    except PACKING as error:
        raise errors.Unreadable(f"{archive.path.name} cannot be unpacked: {error}.") from error


def _read(stream: BinaryIO, archive: Archive, around: _Around) -> Iterator[Found]:
    for count, value in enumerate(items(stream, "comments.item"), 1):
        place = f"comment {count}"
        at = moment(text(value, "creationDate", "createdTime"))
        if at is None or not text(value, "commentHex", "id"):
            yield Skipped(reason="its id or its date cannot be read", place=place)
            continue
        page = around.pages.get(text(value, "pageId"), {})
        path = text(page, "path") or text(value, "path", "url")
        try:
            url = archive.address("/" + path.lstrip("/") if "://" not in path else path)
        except errors.InvalidInput as error:
            if not archive.base:
                raise
            yield Skipped(reason=error.detail, place=place)
            continue
        story = OldStory(url=url, title=text(page, "title"), open=not truth(page, "isReadonly"))
        yield _comment(value, story, around, at, place)


def _comment(value: Object, story: OldStory, around: _Around, at: int, place: str) -> OldComment:
    status, note = _standing(value)
    typed, shown = text(value, "markdown"), text(value, "html")
    name, email = around.people.get(text(value, "commenterHex", "userCreated"), ("", ""))
    above = text(value, "parentHex", "parentId")
    return OldComment(
        key=text(value, "commentHex", "id"),
        parent=above if above not in {"", "root", "0" * 64} else None,
        story=story,
        name=name or text(value, "authorName"),
        email=email or None,
        body=typed or shown,
        original=None if typed else shown,
        at=at,
        status=status,
        likes=number(value, "score"),
        featured=truth(value, "isSticky"),
        note=note,
        place=place,
    )


def _standing(value: Object) -> tuple[Status, str]:
    """Return where a comment stood: version 1 has one word for it, version 3 three truth values."""
    if truth(value, "isDeleted") or truth(value, "deleted"):
        return _STATES["deleted"]
    if "state" in value:
        return _STATES.get(text(value, "state"), (Status.PENDING, "of an unknown state"))
    if truth(value, "isPending"):
        return Status.PENDING, "pending"
    return (Status.APPROVED, "") if truth(value, "isApproved") else (Status.REJECTED, "rejected")
