"""SQLite through apsw: WAL, synchronous=FULL, one writer thread with group commit. It knows no table."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar, cast

import apsw

from majlis import errors
from majlis.store import migrate
from majlis.store.database import Connection, Work
from majlis.store.query import Dialect, Query, Row, Value

T = TypeVar("T")

BUSY_MS = 5_000
GROUP = 256
"""The most units of work that share one commit, so that the first of them does not wait for too many."""

WRITER_CACHE_KIB = 64 * 1024
"""Ids are spread over their whole range, so a large import touches pages everywhere; 2 MiB, the default, writes each
of them many times.
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


class _Job:
    """A unit of work that waits for the writer, and where its outcome goes."""

    def __init__(self, work: Work[Any]) -> None:
        self.work = work
        self.done: Future[Any] = Future()


class SQLite:
    """The database of one machine. Made by `open`."""

    dialect = Dialect.SQLITE

    def __init__(self, path: Path, lock: apsw.Connection | None = None) -> None:
        self._lock = lock
        self._reader = SQLiteConnection(path)
        self._scanner = SQLiteConnection(path)
        self._scans = ThreadPoolExecutor(1, thread_name_prefix="majlis-scan")
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        connection = SQLiteConnection(path)
        connection.raw.execute(f"PRAGMA cache_size=-{WRITER_CACHE_KIB}")
        self._writer = threading.Thread(target=self._write_all, args=(connection,), name="majlis-writer", daemon=True)
        self._writer.start()

    @classmethod
    async def open(cls, path: Path, *, serving: bool = False) -> SQLite:
        """Open or create the file and bring its tables up to date.

        Args:
            serving: whether this process answers readers from the file, which only one process may do.

        Raises:
            errors.StoreUnavailable: the file cannot be opened, or another process serves it.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = _serve_alone(path) if serving else None
            migrate.sqlite(SQLiteConnection(path).raw)
            return cls(path, lock)
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
        job = _Job(work)
        self._jobs.put(job)
        try:
            return cast("T", await asyncio.shield(asyncio.wrap_future(job.done)))
        except apsw.Error as error:
            raise _translate(error) from error

    def tell(self, story: str) -> None:
        """There is nobody else: one process serves a file."""

    async def hear(self, told: Callable[[str | None], None]) -> None:
        """There is nobody else: one process serves a file."""

    async def close(self) -> None:
        self._jobs.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._writer.join)
        self._scans.shutdown()
        self._reader.raw.close()
        self._scanner.raw.close()
        if self._lock is not None:
            self._lock.close()

    def _write_all(self, connection: SQLiteConnection) -> None:
        open_for_work = True
        while open_for_work:
            group, open_for_work = self._next_group()
            if group:
                _commit(connection, group)
        connection.raw.close()

    def _next_group(self) -> tuple[list[_Job], bool]:
        """Wait for one job, then take those that came meanwhile. The flag is False once the database is closing."""
        group: list[_Job] = []
        job = self._jobs.get()
        while job is not None:
            group.append(job)
            if len(group) == GROUP:
                return group, True
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return group, True
        return group, False


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


def _commit(connection: SQLiteConnection, group: list[_Job]) -> None:
    """Run a group in one transaction, a savepoint each: one that fails takes none of the others with it."""
    outcomes: list[tuple[_Job, Any]] = []
    raw = connection.raw
    try:
        raw.execute("BEGIN IMMEDIATE")
        for job in group:
            raw.execute("SAVEPOINT job")
            try:
                result = _finish(job.work(connection))
            except Exception as error:
                if not raw.in_transaction:  # a full disk ends the transaction for everybody in it
                    raise
                raw.execute("ROLLBACK TO job; RELEASE job")
                job.done.set_exception(error)
            else:
                raw.execute("RELEASE job")
                outcomes.append((job, result))
        raw.execute("COMMIT")
    except Exception as error:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        for job in group:
            if not job.done.done():
                job.done.set_exception(error)
        return
    for job, result in outcomes:
        job.done.set_result(result)
