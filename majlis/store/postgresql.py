"""PostgreSQL through asyncpg: a pool for reading, one writer with group commit. It knows no table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import asyncpg

from majlis import errors
from majlis.store import migrate
from majlis.store.bus import Bus, bus_at
from majlis.store.database import Work
from majlis.store.group import Writer
from majlis.store.query import Dialect, Query, Row, Value

T = TypeVar("T")

CONNECTIONS = 16
TRIES = 5
"""Deadlocks and serialisation failures are the database's way of asking for another try."""

WRITERS = 0x6D616A6C7772
"""The advisory lock of whoever writes. Units of work lock stories and the log's head; groups of them, on several nodes,
would lock these crosswise. The head of the log lets only one write at a time in any case.
"""

_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_UNAVAILABLE = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the end of a connection is noticed in the middle of a call
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.DiskFullError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.QueryCanceledError,
    TimeoutError,
)


class PostgreSQLConnection:
    """A connection of store.database over one asyncpg connection."""

    def __init__(self, raw: asyncpg.pool.PoolConnectionProxy[Any]) -> None:
        self.raw = raw

    async def one(self, query: Query, **values: Value) -> Row | None:
        row = await self.raw.fetchrow(query.sql[Dialect.POSTGRESQL], *query.arguments(Dialect.POSTGRESQL, values))
        return dict(row) if row is not None else None

    async def all(self, query: Query, **values: Value) -> list[Row]:
        rows = await self.raw.fetch(query.sql[Dialect.POSTGRESQL], *query.arguments(Dialect.POSTGRESQL, values))
        return [dict(row) for row in rows]

    async def run(self, query: Query, **values: Value) -> int:
        tag = await self.raw.execute(query.sql[Dialect.POSTGRESQL], *query.arguments(Dialect.POSTGRESQL, values))
        return int(tag.rsplit(" ", 1)[-1]) if tag[-1:].isdigit() else 0

    async def many(self, query: Query, rows: Sequence[Mapping[str, Value]]) -> None:
        arguments = [query.arguments(Dialect.POSTGRESQL, row) for row in rows]
        await self.raw.executemany(query.sql[Dialect.POSTGRESQL], arguments)


class PostgreSQL:
    """The database of many machines. Made by `open`."""

    dialect = Dialect.POSTGRESQL

    def __init__(self, pool: asyncpg.Pool[Any], bus: Bus) -> None:
        self._pool = pool
        self._bus = bus
        self._writer = Writer(self._commit)

    @classmethod
    async def open(cls, url: str, *, bus: str = "") -> PostgreSQL:
        """Connect and bring the tables up to date.

        Args:
            bus: where nodes tell each other of changes; without it, in this database.

        Raises:
            errors.StoreUnavailable, errors.ExtraMissing.
        """
        told = bus_at(bus or url)
        try:
            pool = await asyncpg.create_pool(
                url, min_size=1, max_size=CONNECTIONS, command_timeout=30, reset=_leave_as_it_is
            )
            async with pool.acquire() as connection:
                await migrate.postgresql(cast("asyncpg.Connection[Any]", connection))
        except _UNAVAILABLE as error:
            raise errors.StoreUnavailable(
                f"PostgreSQL cannot be reached: {type(error).__name__}.",
                hint="Check the address in `database` and that the server runs.",
            ) from error
        return cls(pool, told)

    async def read(self, work: Work[T]) -> T:
        try:
            async with self._pool.acquire() as connection:
                return await work(PostgreSQLConnection(connection))
        except _UNAVAILABLE as error:
            raise _unavailable(error) from error

    async def scan(self, work: Work[T]) -> T:
        return await self.read(work)

    async def snapshot(self, work: Work[T]) -> T:
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                return await work(PostgreSQLConnection(connection))
        except _UNAVAILABLE as error:
            raise _unavailable(error) from error

    async def write(self, work: Work[T]) -> T:
        try:
            return await self._writer.write(work)
        except (*_AGAIN, *_UNAVAILABLE) as error:
            raise _unavailable(error) from error

    async def _commit(self, group: Sequence[Work[Any]]) -> list[Any]:
        for _ in range(TRIES - 1):
            try:
                return await self._together(group)
            except _AGAIN:
                continue
        return await self._together(group)

    async def _together(self, group: Sequence[Work[Any]]) -> list[Any]:
        async with self._pool.acquire() as raw, raw.transaction():
            await raw.execute("SELECT pg_advisory_xact_lock($1)", WRITERS)
            connection = PostgreSQLConnection(raw)
            if len(group) == 1:
                return [await group[0](connection)]
            return [await _alone(connection, work) for work in group]

    def tell(self, story: str) -> None:
        self._bus.tell(story)

    async def hear(self, told: Callable[[str | None], None]) -> None:
        await self._bus.run(told)

    async def close(self) -> None:
        await self._writer.finish()
        await self._pool.close()


async def _alone(connection: PostgreSQLConnection, work: Work[Any]) -> Any:
    """Return what a unit of work returns, or the error that undid it and nothing else."""
    try:
        async with connection.raw.transaction():
            return await work(connection)
    except (*_AGAIN, *_UNAVAILABLE):
        raise
    except Exception as error:
        return error


async def _leave_as_it_is(_: object) -> None:
    """Nothing here changes a session, and putting back what nobody changed would cost each read a round trip more."""


def _unavailable(error: BaseException) -> errors.StoreUnavailable:
    return errors.StoreUnavailable(
        f"The database answered {type(error).__name__}.", hint="Nothing was stored; try again in a moment."
    )
