"""CSV for `majlis judge`: rows in, rows out. How the fields are checked is `judgement_line`'s.

A file begins with a header. Its names may be in any case and order; those that mean nothing here are passed
over.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import msgspec

from majlis import errors
from majlis.interchange.judgement_line import MAX_LINE, BadLine, Judged, Line, bounded_lines, line_of

COLUMNS: dict[str, tuple[str, ...]] = {
    "text": ("text", "comment", "comment_text"),
    "id": ("id", "comment_id"),
    "language": ("language", "lang"),
    "story.title": ("story.title", "story_title", "title"),
    "story.body": ("story.body", "story_body"),
    "parent": ("parent", "parent_text"),
    "author.name": ("author.name", "author_name", "author"),
}
"""The names that a column may have; the first one that is there counts. Parquet columns have the same."""

HEADER = ("id", "verdict", "language", "scores", "score", "findings", "unchecked", "guidelines", "model", "error")
"""The columns of the output. `scores` and `findings` hold JSON; `unchecked` names are divided by spaces."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def read(stream: BinaryIO) -> Iterator[Line | BadLine]:
    """Read rows one after the other. Comma, semicolon and tab divide cells, whichever the header uses most.

    Empty rows are no rows. A row with more cells than the header is a bad one, since its text was most likely
    cut at a comma.

    Raises:
        errors.Unreadable: there is no header, or none of its columns holds the text.
    """
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE))
    rows = _rows(stream)
    header = next(rows, None)
    if header is None or isinstance(header, BadLine):
        raise errors.Unreadable("The CSV file has no header.", hint="Begin with: id,text,language")
    columns = columns_of(header)
    for row in rows:
        yield row if isinstance(row, BadLine) else _line(row, columns, len(header))


def columns_of(names: Iterable[str]) -> dict[str, int]:
    """Return where each field of a line is found among these column names.

    Raises:
        errors.Unreadable: no column holds the text.
    """
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(name.strip().lower(), place)
    found = {field: next((places[name] for name in names if name in places), None) for field, names in COLUMNS.items()}
    if found["text"] is None:
        raise errors.Unreadable("No column is named text.", hint="Name the column with the comments text.")
    return {field: place for field, place in found.items() if place is not None}


def line_of_cells(cells: dict[str, object]) -> Line | BadLine:
    """Check the cells of one row, by field. An empty cell is a field that is not there."""
    story = {name: cells.get(f"story.{name}") for name in ("title", "body")}
    author = {"name": cells.get("author.name")}
    flat = {name: cells.get(name) for name in ("id", "text", "language", "parent")}
    return line_of({**flat, "story": story, "author": author})


def write(outcomes: Iterable[Judged | BadLine]) -> Iterator[bytes]:
    """Return the output, header first, row by row, in UTF-8 with a byte order mark for spreadsheets.

    A cell that a spreadsheet would run as a formula gets an apostrophe before it; numbers do not.
    """
    yield b"\xef\xbb\xbf" + _row(HEADER)
    for outcome in outcomes:
        yield _row(_cells(outcome))


class _Feed:
    """Lines of text for the CSV reader, which stops it where one row grows beyond the bound.

    Bytes that are not UTF-8 become lone surrogates, so that only their own row is bad.
    """

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines
        self.size = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        inside = self.size > 0
        self.size += len(line)
        if self.size > MAX_LINE:
            if inside:
                self._pass_over(line)
            raise csv.Error("row too long")
        return line.decode(errors="surrogateescape")

    def _pass_over(self, line: bytes) -> None:
        """Skip the rest of a row that is over the bound: a row goes on over a line's end only inside quotes."""
        while line.count(b'"') % 2 == 0 and (line := next(self._lines, b"")):
            pass


def _rows(stream: BinaryIO) -> Iterator[list[str] | BadLine]:
    lines = bounded_lines(stream)
    first = next(lines, b"").removeprefix(b"\xef\xbb\xbf")
    feed = _Feed(_again(first, lines))
    reader = csv.reader(feed, delimiter=_delimiter(first), strict=True)
    while True:
        feed.size = 0
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            reason = f"has more than {MAX_LINE} bytes" if feed.size > MAX_LINE else f"is not CSV: {error}"
            yield BadLine(id=None, error=f"The row {reason}.")
            continue
        if any(cell.strip() for cell in row):
            yield row


def _again(first: bytes, lines: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from lines


def _delimiter(header: bytes) -> str:
    return max((",", ";", "\t"), key=lambda mark: header.count(mark.encode()))


def _line(row: list[str], columns: dict[str, int], width: int) -> Line | BadLine:
    cells: dict[str, object] = {
        field: row[place] for field, place in columns.items() if place < len(row) and row[place]
    }
    id = cells.get("id")
    known = id if isinstance(id, str) and id.isprintable() else None
    if len(row) > width:
        return BadLine(id=known, error=f"The row has {len(row)} cells, the header has {width}.")
    if any("\udc80" <= character <= "\udcff" for cell in row for character in cell):
        return BadLine(id=known, error="The row is not UTF-8.")
    return line_of_cells(cells)


def _row(cells: Iterable[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([safe_cell(cell) for cell in cells])
    return text.getvalue().encode()


def safe_cell(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula: with an apostrophe before it, unless it is a number."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell


def _cells(outcome: Judged | BadLine) -> tuple[str, ...]:
    if isinstance(outcome, BadLine):
        return (outcome.id or "", *("" for _ in HEADER[2:]), outcome.error)
    return (
        outcome.id or "",
        outcome.verdict,
        outcome.language,
        msgspec.json.encode(outcome.scores).decode(),
        str(outcome.score),
        msgspec.json.encode(outcome.findings).decode(),
        " ".join(outcome.unchecked),
        outcome.guidelines,
        outcome.model,
        "",
    )
