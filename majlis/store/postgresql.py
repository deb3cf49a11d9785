"""PostgreSQL through asyncpg: a pool for reading, one writer with group commit. It knows no table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

import asyncpg

from majlis import errors
from majlis.store import migrate
from majlis.store.bus import Bus, bus_at
from majlis.store.database import Settle, Work
from majlis.store.group import Writer
from majlis.store.query import Dialect, Query, Row, Value

if TYPE_CHECKING:
    from majlis.store.log import Event

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
        self.told: list[Event] = []

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

    def __init__(self, pool: asyncpg.Pool[Any], settle: Settle, bus: Bus) -> None:
        self._pool = pool
        self._settle = settle
        self._bus = bus
        self._writer = Writer(self._commit)

    @classmethod
    async def open(cls, url: str, settle: Settle, *, bus: str = "") -> PostgreSQL:
        """Connect and bring the tables up to date.

        Args:
            settle: ends every transaction.
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
        return cls(pool, settle, told)

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
        do: Do = _plainly
        for _ in range(TRIES - 1):
            try:
                return await self._together(group, do)
            except _AGAIN:
                continue
            except _UNAVAILABLE:
                raise
            except Exception:
                if do is _alone or len(group) == 1:
                    raise
                do = _alone  # one of them failed: the others are done again, each so that it can be undone by itself
        return await self._together(group, _alone)

    async def _together(self, group: Sequence[Work[Any]], do: Do) -> list[Any]:
        async with self._pool.acquire() as raw, raw.transaction():
            await raw.execute("SELECT pg_advisory_xact_lock($1)", WRITERS)
            connection = PostgreSQLConnection(raw)
            outcomes = [await do(connection, work) for work in group]
            await self._settle(connection)
            return outcomes

    def tell(self, story: str) -> None:
        self._bus.tell(story)

    async def hear(self, told: Callable[[str | None], None]) -> None:
        await self._bus.run(told)

    async def close(self) -> None:
        await self._writer.finish()
        await self._pool.close()


Do = Callable[[PostgreSQLConnection, Work[Any]], Awaitable[Any]]
"""How a unit of work of a group is done."""


async def _plainly(connection: PostgreSQLConnection, work: Work[Any]) -> Any:
    """Return what a unit of work returns; an error undoes the whole group. It saves two round trips."""
    return await work(connection)


async def _alone(connection: PostgreSQLConnection, work: Work[Any]) -> Any:
    """Return what a unit of work returns, or the error that undid it and nothing else."""
    told = len(connection.told)
    try:
        async with connection.raw.transaction():
            return await work(connection)
    except (*_AGAIN, *_UNAVAILABLE):
        raise
    except Exception as error:
        del connection.told[told:]
        return error


async def _leave_as_it_is(_: object) -> None:
    """Nothing here changes a session, and putting back what nobody changed would cost each read a round trip more."""


def _unavailable(error: BaseException) -> errors.StoreUnavailable:
    return errors.StoreUnavailable(
        f"The database answered {type(error).__name__}.", hint="Nothing was stored; try again in a moment."
    )
