"""SQLite through apsw: WAL, synchronous=FULL, one writer with group commit. It knows no table.

Statements run on the event loop's own thread: they take microseconds, and two threads that pass the interpreter's lock
back and forth for each would take more. What waits for others, for the lock of a writing process or for the disk, and
what may read long, has threads of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import apsw

from majlis import errors
from majlis.store import migrate
from majlis.store.database import Connection, Settle, Work
from majlis.store.group import Writer
from majlis.store.query import Dialect, Query, Row, Value

if TYPE_CHECKING:
    from majlis.store.log import Event

T = TypeVar("T")

BUSY_MS = 5_000
SERVING_CACHE_KIB, IMPORT_CACHE_KIB = 8 * 1024, 64 * 1024
"""Pages that writing keeps at hand. Ids are spread over their whole range, so a large import touches pages everywhere,
and with the default of 2 MiB it writes each of them many times.
"""

_UNAVAILABLE = (
    apsw.BusyError,
    apsw.LockedError,
    apsw.FullError,
    apsw.IOError,
    apsw.ReadOnlyError,
    apsw.CantOpenError,
    apsw.CorruptError,
    apsw.NotADBError,
)


class SQLiteConnection:
    """A connection of store.database over one apsw connection. Every call ends before it returns to its caller."""

    def __init__(self, path: Path) -> None:
        self.told: list[Event] = []
        self.raw = apsw.Connection(str(path))
        self.raw.set_busy_timeout(BUSY_MS)
        self.raw.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON")

    async def one(self, query: Query, **values: Value) -> Row | None:
        rows = await self.all(query, **values)
        return rows[0] if rows else None

    async def all(self, query: Query, **values: Value) -> list[Row]:
        cursor = self.raw.execute(query.sql[Dialect.SQLITE], query.arguments(Dialect.SQLITE, values))
        rows = cast("list[tuple[Any, ...]]", cursor.fetchall())
        if not rows:
            return []
        names = query.columns
        return [dict(zip(names, row, strict=True)) for row in rows]

    async def run(self, query: Query, **values: Value) -> int:
        self.raw.execute(query.sql[Dialect.SQLITE], query.arguments(Dialect.SQLITE, values))
        return int(self.raw.changes())

    async def many(self, query: Query, rows: Sequence[Mapping[str, Value]]) -> None:
        self.raw.executemany(query.sql[Dialect.SQLITE], [query.arguments(Dialect.SQLITE, row) for row in rows])


def _finish(work: Awaitable[T]) -> T:
    """Run a coroutine that only awaits a SQLite connection, and so never waits, to its end."""
    coroutine = cast("Coroutine[Any, Any, T]", work)
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    coroutine.close()
    raise RuntimeError("A unit of work awaited something other than its connection.")


def _translate(error: BaseException) -> BaseException:
    if isinstance(error, _UNAVAILABLE):
        return errors.StoreUnavailable(
            f"The database answered {type(error).__name__}.",
            hint="Nothing was stored; try again in a moment.",
        )
    return error


class SQLite:
    """The database of one machine. Made by `open`."""

    dialect = Dialect.SQLITE

    def __init__(self, path: Path, settle: Settle, lock: apsw.Connection | None = None) -> None:
        self._settle = settle
        self._lock = lock
        self._reader = SQLiteConnection(path)
        self._scanner = SQLiteConnection(path)
        self._scans = ThreadPoolExecutor(1, thread_name_prefix="majlis-scan")
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="majlis-commit")
        self._writing = SQLiteConnection(path)
        self._writing.raw.execute(f"PRAGMA cache_size=-{SERVING_CACHE_KIB if lock else IMPORT_CACHE_KIB}")
        self._writer = Writer(self._commit)

    @classmethod
    async def open(cls, path: Path, settle: Settle, *, serving: bool = False) -> SQLite:
        """Open or create the file and bring its tables up to date.

        Args:
            settle: ends every transaction.
            serving: whether this process answers readers from the file, which only one process may do.

        Raises:
            errors.StoreUnavailable: the file cannot be opened, or another process serves it.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = _serve_alone(path) if serving else None
            migrate.sqlite(SQLiteConnection(path).raw)
            return cls(path, settle, lock)
        except (apsw.Error, OSError) as error:
            raise errors.StoreUnavailable(
                f"The database file {path} cannot be opened: {error}.",
                hint="Check the path and its permissions.",
            ) from error

    async def read(self, work: Work[T]) -> T:
        try:
            return await work(self._reader)
        except apsw.Error as error:
            raise _translate(error) from error

    async def scan(self, work: Work[T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._scans, lambda: _finish(work(self._scanner)))
        except apsw.Error as error:
            raise _translate(error) from error

    async def snapshot(self, work: Work[T]) -> T:
        async def at_one_moment(connection: Connection) -> T:
            self._scanner.raw.execute("BEGIN")
            try:
                return await work(connection)
            finally:
                self._scanner.raw.execute("ROLLBACK")

        return await self.scan(at_one_moment)

    async def write(self, work: Work[T]) -> T:
        try:
            return await self._writer.write(work)
        except apsw.Error as error:
            raise _translate(error) from error

    async def _commit(self, group: Sequence[Work[Any]]) -> list[Any]:
        try:
            return await self._together(group, _plainly)
        except _UNAVAILABLE:
            raise
        except Exception:
            if len(group) == 1:
                raise
        # One of them failed: all are done again, each so that it can be undone by itself.
        return await self._together(group, _alone)

    async def _together(self, group: Sequence[Work[Any]], do: Do) -> list[Any]:
        loop, raw = asyncio.get_running_loop(), self._writing.raw
        self._writing.told.clear()
        await loop.run_in_executor(self._disk, raw.execute, "BEGIN IMMEDIATE")
        try:
            outcomes = [do(self._writing, work) for work in group]
            _finish(self._settle(self._writing))
            await loop.run_in_executor(self._disk, raw.execute, "COMMIT")
        except Exception:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            raise
        return outcomes

    def tell(self, story: str) -> None:
        """There is nobody else: one process serves a file."""

    async def hear(self, told: Callable[[str | None], None]) -> None:
        """There is nobody else: one process serves a file."""

    async def close(self) -> None:
        await self._writer.finish()
        for pool in (self._disk, self._scans):
            pool.shutdown()
        for connection in (self._writing, self._reader, self._scanner):
            connection.raw.close()
        if self._lock is not None:
            self._lock.close()


def _serve_alone(path: Path) -> apsw.Connection:
    """Hold the lock of the one serving process; the system lets go of it however the process ends.

    It is SQLite's own lock on an empty file beside the database, so that commands may still write to the database.
    """
    lock = apsw.Connection(f"{path}-serving")
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except apsw.BusyError as error:
        lock.close()
        raise errors.StoreUnavailable(
            f"Another process serves the database file {path}.",
            hint="Stop it first; several processes need PostgreSQL.",
        ) from error
    return lock


Do = Callable[[SQLiteConnection, Work[Any]], Any]
"""How a unit of work of a group is done."""


def _plainly(connection: SQLiteConnection, work: Work[Any]) -> Any:
    """Return what a unit of work returns; an error undoes the whole group. So SQLite keeps no copies of pages."""
    return _finish(work(connection))


def _alone(connection: SQLiteConnection, work: Work[Any]) -> Any:
    """Return what a unit of work returns, or the error that undid it and nothing else."""
    raw, told = connection.raw, len(connection.told)
    raw.execute("SAVEPOINT job")
    try:
        result = _finish(work(connection))
    except Exception as error:
        if not raw.in_transaction:  # a full disk ends the transaction for everybody in it
            raise
        raw.execute("ROLLBACK TO job; RELEASE job")
        del connection.told[told:]
        return error
    raw.execute("RELEASE job")
    return result
