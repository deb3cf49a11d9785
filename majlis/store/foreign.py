"""Reading a SQLite file that another program made: read-only, nothing of it is trusted, no row is kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw

from majlis import errors
from majlis.store.query import Row


def rows(path: Path, sql: str) -> Iterator[Row]:
    """Yield what a query finds in a SQLite file.

    Raises:
        errors.ArchiveInvalid: it is no SQLite file, is damaged, or has not the tables that the query names.
        errors.Unreadable: it cannot be opened.
    """
    try:
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        connection = apsw.Connection(address, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    except apsw.Error as error:
        raise errors.Unreadable(f"{path} cannot be opened: {error}.", hint="Check the path.") from error
    try:
        # A file may bring views and triggers of its own; none of them may run a function.
        connection.execute("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON").fetchall()
        cursor = connection.execute(sql)
        names = None
        for row in cursor:
            names = names or [column[0] for column in cursor.get_description()]
            yield dict(zip(names, row, strict=True))
    except apsw.Error as error:
        raise errors.ArchiveInvalid(
            f"{path.name} cannot be read as the database that it should be: {error}.", hint="Check the format."
        ) from error
    finally:
        connection.close()
