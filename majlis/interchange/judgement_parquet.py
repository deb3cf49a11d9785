"""Parquet for `majlis judge`: rows in, rows out. It needs the extra `majlis[parquet]`."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import msgspec

from majlis import errors
from majlis.interchange.judgement_csv import columns_of, line_of_cells
from majlis.interchange.judgement_line import MAX_LINE, BadLine, Judged, Line

ROWS = 1024
"""How many rows are held in memory at a time."""


def read(stream: BinaryIO) -> Iterator[Line | BadLine]:
    """Read rows one after the other from a stream that can be sought in.

    Columns are named as in a CSV file; `story` and `author` may also be structs with the fields of the JSON
    line.

    Raises:
        errors.ExtraMissing: pyarrow is not installed.
        errors.Unreadable: not a Parquet file, or no column holds the text.
    """
    arrow, parquet = _pyarrow()
    try:
        file = parquet.ParquetFile(stream)
        check_columns(file.schema_arrow)
        for batch in file.iter_batches(batch_size=ROWS):
            yield from lines_of(batch)
    except (arrow.ArrowException, OSError) as error:
        kind = type(error).__name__
        raise errors.Unreadable(f"The file cannot be read as Parquet ({kind}).", hint="Is it whole?") from None


def check_columns(schema: Any) -> None:
    """Raise errors.Unreadable where no column of a schema holds the text."""
    columns_of(_flat_names(schema))


def lines_of(batch: Any) -> Iterator[Line | BadLine]:
    """Return the rows of a record batch."""
    names = _flat_names(batch.schema)
    columns = {field: _column(batch, names[place]) for field, place in columns_of(names).items()}
    for row in range(batch.num_rows):
        yield _line(columns, row)


def write(outcomes: Iterable[Judged | BadLine], stream: BinaryIO) -> None:
    """Write the output: the contract's fields as columns and `error`; each clause is a field of `scores`.

    The clauses are those of the first judgement, which are the same for all that one run judges; a file without any
    has no such column, since Parquet knows no empty struct.

    Raises:
        errors.ExtraMissing: pyarrow is not installed.
    """
    arrow, parquet = _pyarrow()
    waiting = iter(outcomes)
    held: list[Judged | BadLine] = []
    for outcome in waiting:
        held.append(outcome)
        if isinstance(outcome, Judged):
            break
    clauses = next((tuple(one.scores) for one in held if isinstance(one, Judged)), ())
    rows = itertools.chain(held, waiting)
    with parquet.ParquetWriter(stream, _schema(arrow, clauses)) as writer:
        while part := list(itertools.islice(rows, ROWS)):
            writer.write_table(table_of(part, clauses))


def table_of(outcomes: Iterable[Judged | BadLine], clauses: tuple[str, ...]) -> Any:
    """Return outcomes as an Arrow table. Raises errors.ExtraMissing."""
    arrow, _ = _pyarrow()
    return arrow.Table.from_pylist([msgspec.to_builtins(one) for one in outcomes], schema=_schema(arrow, clauses))


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow  # only who has Parquet files needs it
        import pyarrow.parquet
    except ImportError:
        raise errors.ExtraMissing(
            "Parquet files need pyarrow, which is not installed.", hint="Run: pip install 'majlis[parquet]'"
        ) from None
    return pyarrow, pyarrow.parquet


def _flat_names(schema: Any) -> list[str]:
    """The column names, those of a struct's fields written as `story.title`."""
    names: list[str] = []
    for field in schema:
        inner = [field.type.field(place).name for place in range(getattr(field.type, "num_fields", 0))]
        names.extend([f"{field.name}.{name}" for name in inner] if inner else [field.name])
    return names


def _column(batch: Any, name: str) -> Any:
    if name in batch.schema.names:
        return batch.column(name)
    outer, _, inner = name.rpartition(".")
    return batch.column(outer).field(inner)


def _line(columns: dict[str, Any], row: int) -> Line | BadLine:
    cells: dict[str, object] = {}
    try:
        for field, column in columns.items():
            value = column[row].as_py()
            cells[field] = None if value == "" else value
    except UnicodeDecodeError:
        return BadLine(id=_known_id(cells), error="The row is not UTF-8.")
    if sum(len(value.encode()) for value in cells.values() if isinstance(value, str)) > MAX_LINE:
        return BadLine(id=_known_id(cells), error=f"The row has more than {MAX_LINE} bytes.")
    return line_of_cells(cells)


def _known_id(cells: dict[str, object]) -> str | None:
    id = cells.get("id")
    return str(id) if isinstance(id, str | int) else None


def _schema(arrow: Any, clauses: tuple[str, ...]) -> Any:
    text, number, place = arrow.string(), arrow.float64(), arrow.int32()
    words = [("clause", text), ("score", number), ("quote", text), ("start", place), ("end", place)]
    finding = arrow.struct([*words, ("signal", text)])
    return arrow.schema(
        [
            ("id", text),
            ("verdict", text),
            ("language", text),
            *([("scores", arrow.struct([(clause, number) for clause in clauses]))] if clauses else []),
            ("score", number),
            ("findings", arrow.list_(finding)),
            ("unchecked", arrow.list_(text)),
            ("guidelines", text),
            ("model", text),
            ("error", text),
        ]
    )
