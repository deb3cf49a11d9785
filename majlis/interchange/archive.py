"""What every archive of another system has in common: the file, its bytes read so far, dates and HTML bodies.

It knows no format, and it writes nothing.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urljoin, urlsplit

import msgspec

from majlis import errors
from majlis.services.takeover import OldComment

if TYPE_CHECKING:
    from inscriptis.model.config import ParserConfig

PACKING = (EOFError, OSError, zlib.error)
"""What reading a gzip file raises where it is cut off or damaged."""

_ZONE = re.compile(r"[ ]*([+-]\d\d):?(\d\d)( [A-Z]{2,5})?$")
_SHORTENED = re.compile(r"(\.\.\.|…)$")


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """A part of an archive that is no comment, why, and where it stands."""

    reason: str
    place: str


Found = OldComment | Skipped


class Archive:
    """A file to read from its beginning, more than once. `base` is put before pages that are named by path only."""

    def __init__(self, path: Path, *, base: str = "", seen: Callable[[int], None] = lambda _: None) -> None:
        self.path = path
        self.base = base
        self.seen = seen

    @property
    def size(self) -> int:
        """Return how many bytes the file has; 0 where it has none to read."""
        return self.path.stat().st_size if self.path.is_file() else 0

    def open(self, path: Path | None = None) -> BinaryIO:
        """Return the bytes of the file, unpacked where it is gzip. Raises errors.Unreadable."""
        name = path or self.path
        try:
            raw = cast("BinaryIO", io.BufferedReader(_Counted(name.open("rb", buffering=0), self.seen), 1 << 16))
        except OSError as error:
            raise errors.Unreadable(f"{name} cannot be read: {error.strerror}.", hint="Check the path.") from error
        packed = cast("io.BufferedReader", raw).peek(2)[:2] == b"\x1f\x8b"
        return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw

    def address(self, page: str) -> str:
        """Return the whole address of a page. Raises errors.InvalidInput where only a path is known."""
        if urlsplit(page).scheme in {"http", "https"}:
            return page
        if not self.base:
            raise errors.InvalidInput(
                f"The archive names the page {page[:200]!r} by its path only.",
                hint="Say where your pages are: --base https://news.example",
                field="base",
            )
        return urljoin(self.base, page)


class _Counted(io.RawIOBase):
    """A raw file that tells how many bytes were read of it."""

    def __init__(self, raw: io.RawIOBase | io.FileIO, seen: Callable[[int], None]) -> None:
        self._raw = raw
        self._seen = seen

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        size = self._raw.readinto(buffer) or 0
        self._seen(size)
        return size

    def close(self) -> None:
        self._raw.close()
        super().close()


def unpacked(archive: Archive, content: Callable[[BinaryIO], Iterator[Found]]) -> Iterator[Found]:
    """Yield what a reader finds in a file. Raises errors.Unreadable where the packing is broken or cut off."""
    with archive.open() as stream:
        try:
            yield from content(stream)
        except PACKING as error:
            raise errors.Unreadable(f"{archive.path.name} cannot be unpacked: {error}.") from error


def moment(value: str) -> int | None:
    """Return a date in ms since 1970 UTC; None where it cannot be read. One without a zone is UTC."""
    text = _ZONE.sub(r"\1:\2", value.strip().removesuffix(" UTC"))
    try:
        at = datetime.fromisoformat(text)
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


@cache
def _layout() -> ParserConfig:
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig

    return ParserConfig(css=CSS_PROFILES["strict"].copy())


def typed(markup: str) -> str:
    """Return the text that a reader typed to get this HTML: paragraphs and line breaks kept, shortened links whole."""
    if "<" not in markup and "&" not in markup:
        return markup.strip()
    from inscriptis import Inscriptis  # 4 MB that a process which serves readers need not hold
    from lxml.etree import ParserError
    from lxml.html import document_fromstring

    try:
        tree = document_fromstring(markup.replace("\0", ""))
    except ParserError:
        return ""
    for link in tree.iter("a"):
        shown, target = (link.text or "").strip(), link.get("href") or ""
        start = _SHORTENED.sub("", shown)
        if start != shown and target.split("://")[-1].startswith(start.split("://")[-1]):
            link.text = target
    return str(Inscriptis(tree, _layout()).get_text()).strip()
