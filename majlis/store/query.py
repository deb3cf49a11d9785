"""A statement written once with SQLAlchemy Core and compiled once for each database. It runs nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import JSON, ColumnElement, Table, Text, bindparam, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import asyncpg as postgresql_asyncpg
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Value = str | int | float | None
Row = dict[str, Any]


class Dialect(StrEnum):
    """The two databases."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


_DIALECTS = {
    Dialect.SQLITE: sqlite.dialect(paramstyle="qmark"),
    Dialect.POSTGRESQL: postgresql_asyncpg.dialect(),  # type: ignore[no-untyped-call]
}


class Query:
    """SQL text and the order of its parameters, for each database.

    Attributes:
        sql: the text, by dialect.
        columns: the names of the result's columns, in order.
    """

    def __init__(self, statement: ClauseElement | Callable[[Dialect], ClauseElement]) -> None:
        self.sql: dict[Dialect, str] = {}
        self._names: dict[Dialect, list[str]] = {}
        self._fixed: dict[Dialect, dict[str, Any]] = {}
        for name, dialect in _DIALECTS.items():
            element = statement if isinstance(statement, ClauseElement) else statement(name)
            compiled = cast("SQLCompiler", element.compile(dialect=dialect))
            self.sql[name] = str(compiled)
            self._names[name] = list(compiled.positiontup or [])
            self.columns = tuple(str(column.keyname) for column in compiled._result_columns or ())
            self._fixed[name] = {key: bind.value for key, bind in compiled.binds.items() if not bind.required}

    def arguments(self, dialect: Dialect, values: Mapping[str, Value]) -> list[Any]:
        """Return the values in the order in which this dialect's text asks for them."""
        fixed = self._fixed[dialect]
        return [values[name] if name in values else fixed[name] for name in self._names[dialect]]


def insert_new(table: Table, *unique: str) -> Query:
    """Return an insert of a whole row that does nothing, and counts 0, where a row with these columns is there."""

    def statement(dialect: Dialect) -> ClauseElement:
        maker = sqlite.insert if dialect is Dialect.SQLITE else postgresql.insert
        return maker(table).on_conflict_do_nothing(index_elements=list(unique))

    return Query(statement)


def among(column: ColumnElement[str], dialect: Dialect) -> ColumnElement[bool]:
    """Return the condition that a column is among the texts of the JSON list that is the parameter `ids`.

    PostgreSQL guesses how long a list is, and reads a whole table for one that it takes for long. An array it looks up
    in an index, element by element.
    """
    given = bindparam("ids", type_=Text)
    if dialect is Dialect.SQLITE:
        return column.in_(select(func.json_each(given).table_valued("value").c.value))
    texts = select(func.json_array_elements_text(sql_cast(given, JSON)).table_valued("value").c.value)
    return column == func.any(func.array(texts.scalar_subquery()))
