"""A WordPress export (WXR 1.0 to 1.2): RSS with the comments of each post inside it. Trackbacks are left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from majlis import errors
from majlis.domain.comment import Status
from majlis.interchange import xml
from majlis.interchange.archive import Archive, Found, Skipped, moment, unpacked
from majlis.services.takeover import OldComment, OldStory

_WANTED = {
    "item": 2,
    "comment": 3,
    "base_site_url": 2,
    "base_blog_url": 2,
    # What nobody here reads, and can be long: thrown away as it passes.
    "postmeta": 3,
    "encoded": 3,
}
_STATUS = {
    "1": (Status.APPROVED, ""),
    "approve": (Status.APPROVED, ""),
    "0": (Status.PENDING, "pending"),
    "hold": (Status.PENDING, "pending"),
    "spam": (Status.REJECTED, "spam"),
    "trash": (Status.REJECTED, "trash"),
    "post-trashed": (Status.REJECTED, "trash, with its post"),
}


def read(archive: Archive) -> Iterator[Found]:
    """Yield the comments of an export. Raises errors.ArchiveInvalid, errors.Unreadable."""
    return unpacked(archive, lambda stream: _read(stream, archive))


def _read(stream: BinaryIO, archive: Archive) -> Iterator[Found]:
    home = ""
    for element in xml.elements(stream, root="rss", wanted=_WANTED):
        above = element.getparent()
        if xml.name(element) == "base_blog_url" or (xml.name(element) == "base_site_url" and not home):
            home = element.text or ""
        elif xml.name(element) == "comment" and above is not None:
            yield _comment(element, above, archive, home)


def _story(item: etree._Element, archive: Archive) -> OldStory:
    return OldStory(
        url=archive.address(xml.text(item, "link").strip()),
        title=xml.text(item, "title").strip(),
        at=_date(item, "post_date"),
        open=xml.text(item, "comment_status") != "closed",
    )


def _date(element: etree._Element, called: str) -> int | None:
    """Return a date from its GMT form; WordPress writes zeros there where it has only the local one."""
    return moment(xml.text(element, f"{called}_gmt")) or moment(xml.text(element, called))


def _comment(comment: etree._Element, item: etree._Element, archive: Archive, home: str) -> Found:
    key = xml.text(comment, "comment_id")
    place = f"line {comment.sourceline}, comment {key[:40]}"
    kind = xml.text(comment, "comment_type") or "comment"
    if kind != "comment":
        return Skipped(reason=f"it is a {kind[:40]}, not a comment", place=place)
    status, note = _STATUS.get(xml.text(comment, "comment_approved"), (Status.PENDING, "of an unknown state"))
    at = _date(comment, "comment_date")
    if not key or at is None:
        return Skipped(reason="its id or its date cannot be read", place=place)
    try:
        story = _story(item, archive)
    except errors.InvalidInput as error:
        return Skipped(reason=error.detail, place=place)
    content = xml.text(comment, "comment_content")
    has_markup = "<" in content or "&" in content
    parent = xml.text(comment, "comment_parent")
    return OldComment(
        key=f"{home}#{key}",
        parent=f"{home}#{parent}" if parent not in {"", "0"} else None,
        story=story,
        name=xml.text(comment, "comment_author"),
        email=xml.text(comment, "comment_author_email") or None,
        # WordPress keeps the line breaks that were typed and makes paragraphs of them when it shows the comment.
        body=content.replace("\n", "<br>") if has_markup else content,
        original=content if has_markup else None,
        at=at,
        status=status,
        note=note,
        place=place,
    )
