"""Files of `majlis judge`: which format a file has, and reading and writing it.

It judges nothing and opens no file. A line's fields are in `judgement_line`; CSV and Parquet have a file each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import BinaryIO

from majlis.interchange import judgement_csv, judgement_parquet
from majlis.interchange.judgement_line import (
    BadLine,
    Judged,
    Line,
    bounded_lines,
    decode,
    encode,
    line_of,
    render,
)

__all__ = [
    "BadLine",
    "Judged",
    "Kind",
    "Line",
    "decode",
    "encode",
    "json_line",
    "json_lines",
    "kind_of",
    "line_of",
    "lines",
    "read",
    "render",
    "write_parquet",
]


class Kind(StrEnum):
    """The format of a file."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


_ENDINGS = {"csv": Kind.CSV, "tsv": Kind.CSV, "parquet": Kind.PARQUET, "pq": Kind.PARQUET}


def kind_of(name: str) -> Kind:
    """Return the format that a file's ending says; JSON lines where it says none, as for `-`."""
    return _ENDINGS.get(name.lower().rpartition(".")[2], Kind.JSONL)


def read(stream: BinaryIO, kind: Kind) -> Iterator[Line | BadLine]:
    """Read comments one after the other. A Parquet stream has to be one that can be sought in.

    Raises:
        errors.Unreadable: the file as a whole is not what it should be: no header, no text column, no
        Parquet. errors.ExtraMissing: Parquet without pyarrow.
    """
    if kind is Kind.CSV:
        return judgement_csv.read(stream)
    if kind is Kind.PARQUET:
        return judgement_parquet.read(stream)
    return map(json_line, json_lines(stream))


def lines(outcomes: Iterable[Judged | BadLine], kind: Kind = Kind.JSONL) -> Iterator[bytes]:
    """Return the bytes of a JSONL or CSV file, an outcome at a time. Parquet has `write_parquet`."""
    return judgement_csv.write(outcomes) if kind is Kind.CSV else map(encode, outcomes)


def write_parquet(outcomes: Iterable[Judged | BadLine], stream: BinaryIO) -> None:
    """Write a Parquet file.

    Raises:
        errors.ExtraMissing: pyarrow is not installed.
    """
    judgement_parquet.write(outcomes, stream)


def json_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Return the lines of a JSONL file, each of which gives exactly one outcome, so that outputs stand beside inputs.

    An empty line is therefore a bad one, except at the very end, where editors leave some.
    """
    empty = 0
    for number, line in enumerate(bounded_lines(stream)):
        content = (line.removeprefix(b"\xef\xbb\xbf") if number == 0 else line).rstrip(b"\r\n")
        if not content.strip():
            empty += 1
            continue
        yield from (b"" for _ in range(empty))
        empty = 0
        yield content


def json_line(content: bytes) -> Line | BadLine:
    """Read one of `json_lines`."""
    return decode(content) if content else BadLine(id=None, error="The line is empty.")
