"""Files of `majlis judge`: JSON lines, CSV and Parquet in and out. It judges nothing and opens no file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import BinaryIO

import msgspec

from majlis.domain.decision import Decision, Finding, Submission, Verdict


class Kind(StrEnum):
    """The format of a file."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One comment to be judged. `id` is the caller's own, None where there was none."""

    id: str | None
    submission: Submission


class BadLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line that cannot be judged, and why; it is written as it stands."""

    id: str | None
    error: str


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One line of output, with the fields of the contract in its order."""

    id: str | None
    verdict: Verdict
    language: str
    scores: dict[str, float | None]
    score: float
    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...]
    guidelines: str
    model: str


def kind_of(name: str) -> Kind:
    """Return the format that a file's ending says; JSON lines where it says none."""
    raise NotImplementedError


def decode(line: bytes, *, exact: bool = False) -> Line | BadLine:
    """Read one JSON line. With `exact`, a field that the contract does not know makes it a bad line."""
    raise NotImplementedError


def read(stream: BinaryIO, kind: Kind) -> Iterator[Line | BadLine]:
    """Read comments one after the other. Raises errors.Unreadable, errors.ExtraMissing."""
    raise NotImplementedError


def render(line_id: str | None, decision: Decision) -> Judged:
    """Return the output line of a decision."""
    raise NotImplementedError


def lines(outcomes: Iterable[Judged | BadLine], kind: Kind) -> Iterator[bytes]:
    """Return the bytes of a JSONL or CSV file, piece by piece."""
    raise NotImplementedError


def write_parquet(outcomes: Iterable[Judged | BadLine], stream: BinaryIO) -> None:
    """Write a Parquet file. Raises errors.ExtraMissing."""
    raise NotImplementedError
