"""Coral's collections as `mongoexport` writes them: a folder with comments.json, stories.json and users.json.

A document a line, or all of them in one array. Stories and users are kept in memory; comments are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from majlis import errors
from majlis.domain.comment import Status
from majlis.interchange.archive import PACKING, Archive, Found, Skipped, moment
from majlis.interchange.json_stream import Object, items, lines, number, text
from majlis.services.takeover import OldComment, OldStory

_STATUS = {
    # Coral shows NONE at once and lets a moderator look later.
    "NONE": (Status.APPROVED, "shown without a decision"),
    "APPROVED": (Status.APPROVED, ""),
    "REJECTED": (Status.REJECTED, "rejected"),
    "PREMOD": (Status.PENDING, "held before publication"),
    "SYSTEM_WITHHELD": (Status.PENDING, "withheld by the system"),
}


def read(archive: Archive) -> Iterator[Found]:
    """Yield the comments of an export; `archive.path` is the folder, or comments.json in it.

    Raises:
        errors.ArchiveInvalid, errors.Unreadable.
    """
    folder = archive.path if archive.path.is_dir() else archive.path.parent
    comments = folder / "comments.json" if archive.path.is_dir() else archive.path
    stories = {text(value, "id"): value for _, value in _documents(archive, folder / "stories.json")}
    people = {
        text(value, "id"): (text(value, "username"), text(value, "email"))
        for _, value in _documents(archive, folder / "users.json")
    }
    for place, value in _documents(archive, comments):
        story = stories.get(text(value, "storyID"))
        yield _comment(value, story, people.get(text(value, "authorID"), ("", "")), archive, place)


def _documents(archive: Archive, path: Path) -> Iterator[tuple[str, Object]]:
    try:
        with archive.open(path) as stream:
            first = stream.read(1)
        with archive.open(path) as stream:
            if first == b"[":
                for count, value in enumerate(items(stream, "item"), 1):
                    yield f"{path.name}, document {count}", value
            else:
                for line, value in lines(stream, path.name):
                    yield f"{path.name}, line {line}", value
    except PACKING as error:
        raise errors.Unreadable(f"{path.name} cannot be unpacked: {error}.") from error


def _comment(value: Object, story: Object | None, author: tuple[str, str], archive: Archive, place: str) -> Found:
    at = _date(value.get("createdAt"))
    if not text(value, "id") or at is None:
        return Skipped(reason="its id or its date cannot be read", place=place)
    if story is None:
        return Skipped(reason="its story is not in stories.json", place=place)
    try:
        url = archive.address(text(story, "url"))
    except errors.InvalidInput as error:
        return Skipped(reason=error.detail, place=place)
    deleted = _date(value.get("deletedAt")) is not None
    status, note = _STATUS.get(text(value, "status"), (Status.PENDING, "of an unknown state"))
    body = _last_words(value)
    actions = value.get("actionCounts")
    return OldComment(
        key=text(value, "id"),
        parent=text(value, "parentID") or None,
        story=_story(story, url),
        name=author[0],
        email=author[1] or None,
        body=body,
        original=body,
        at=at,
        status=Status.WITHDRAWN if deleted else status,
        likes=number(actions, "REACTION") if isinstance(actions, dict) else 0,
        featured=_is_featured(value),
        note="deleted" if deleted else note,
        place=place,
    )


def _story(story: Object, url: str) -> OldStory:
    metadata = story.get("metadata")
    told = metadata if isinstance(metadata, dict) else {}
    return OldStory(
        url=url,
        title=text(told, "title"),
        at=_date(told.get("publishedAt")) or _date(story.get("createdAt")),
        open=_date(story.get("closedAt")) is None,
    )


def _last_words(value: Object) -> str:
    """Return the HTML of the last revision; Coral keeps the earlier ones in front of it."""
    revisions = value.get("revisions")
    last = revisions[-1] if isinstance(revisions, list) and revisions else {}
    return text(last, "body") if isinstance(last, dict) else ""


def _is_featured(value: Object) -> bool:
    tags = value.get("tags")
    return isinstance(tags, list) and any(isinstance(tag, dict) and tag.get("type") == "FEATURED" for tag in tags)


def _date(value: Any) -> int | None:
    """Return a date of MongoDB's Extended JSON, relaxed or canonical, in ms; None where there is none."""
    if isinstance(value, dict):
        value = value.get("$date")
    if isinstance(value, dict):
        value = value.get("$numberLong")
    if isinstance(value, str) and value.lstrip("-").isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return moment(value) if isinstance(value, str) else None
