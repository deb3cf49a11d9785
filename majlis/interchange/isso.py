"""An Isso database: a SQLite file with the tables `threads` and `comments`. Its text is what was typed."""

from __future__ import annotations

from collections.abc import Iterator

from majlis import errors
from majlis.domain.comment import Status
from majlis.interchange.archive import Archive, Found, Skipped
from majlis.services.takeover import OldComment, OldStory
from majlis.store import foreign
from majlis.store.query import Row

_SQL = (
    "SELECT t.uri, t.title, c.id, c.parent, c.created, c.mode, c.text, c.author, c.email, c.likes "
    "FROM comments c JOIN threads t ON t.id = c.tid ORDER BY c.id"
)
_STATUS = {1: (Status.APPROVED, ""), 2: (Status.PENDING, "pending"), 4: (Status.WITHDRAWN, "deleted")}


def read(archive: Archive) -> Iterator[Found]:
    """Yield the comments of a database. Raises errors.ArchiveInvalid, errors.Unreadable."""
    for row in foreign.rows(archive.path, _SQL):
        yield _comment(row, archive)


def _comment(row: Row, archive: Archive) -> Found:
    place = f"comment {row['id']}"
    status, note = _STATUS.get(row["mode"], (Status.PENDING, "of an unknown state"))
    created, text = row["created"], row["text"]
    if not isinstance(created, int | float) or not abs(created) < 1e11:
        return Skipped(reason="its date cannot be read", place=place)
    if not isinstance(text or "", str) or not isinstance(row["uri"], str):
        return Skipped(reason="its text or its page is not text", place=place)
    try:
        url = archive.address(row["uri"])
    except errors.InvalidInput as error:
        if not archive.base:
            raise
        return Skipped(reason=error.detail, place=place)
    return OldComment(
        key=str(row["id"]),
        parent=str(row["parent"]) if row["parent"] is not None else None,
        story=OldStory(url=url, title=str(row["title"] or "")),
        name=str(row["author"] or ""),
        email=str(row["email"]) if row["email"] else None,
        body=text or "",
        at=round(created * 1000),
        status=status,
        likes=row["likes"] if isinstance(row["likes"], int) else 0,
        note=note,
        place=place,
    )
