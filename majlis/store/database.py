"""What both databases can do for the rest of Majlis: read, write in one transaction, and be opened by an address.

A unit of work is an async function of a connection. It awaits nothing but that connection, so that on SQLite, where
nothing ever waits, it runs to its end at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from majlis import errors
from majlis.store.query import Dialect, Query, Row, Value

if TYPE_CHECKING:
    from majlis.store.log import Event

T = TypeVar("T")


class Connection(Protocol):
    """A connection inside a transaction, or one for reading.

    Attributes:
        told: what the units of work of this transaction tell the log so far.
    """

    told: list[Event]

    async def one(self, query: Query, **values: Value) -> Row | None:
        """Return the first row, or None."""

    async def all(self, query: Query, **values: Value) -> list[Row]:
        """Return every row."""

    async def run(self, query: Query, **values: Value) -> int:
        """Run a statement and return how many rows it changed."""

    async def many(self, query: Query, rows: Sequence[Mapping[str, Value]]) -> None:
        """Run a statement once for each row of values."""


Work = Callable[[Connection], Awaitable[T]]
Settle = Callable[[Connection], Awaitable[None]]
"""What is done once for all units of work of a transaction, at its end."""


class Database(Protocol):
    """One of the two databases, open.

    Attributes:
        dialect: which of the two.
    """

    dialect: Dialect

    async def read(self, work: Work[T]) -> T:
        """Run short reads. Raises errors.StoreUnavailable."""

    async def scan(self, work: Work[T]) -> T:
        """Run reads that may take long, away from the event loop. Raises errors.StoreUnavailable."""

    async def snapshot(self, work: Work[T]) -> T:
        """Run reads that all see the database as it was at one moment. Raises errors.StoreUnavailable."""

    async def write(self, work: Work[T]) -> T:
        """Run the work in one transaction; durable when this returns. Raises errors.StoreUnavailable."""

    def tell(self, story: str) -> None:
        """Have other nodes of this database told that readers see a story in another way now. Returns at once."""

    async def hear(self, told: Callable[[str | None], None]) -> None:
        """Call with what other nodes tell until cancelled: a story's id, or None when something may have been missed.

        It returns at once where there are no other nodes.
        """

    async def close(self) -> None:
        """Finish what is under way and let go."""


def sqlite_url(directory: Path) -> str:
    """Return the address of the SQLite database in a data folder."""
    return f"sqlite:///{directory / 'majlis.db'}"


async def connect(url: str, *, create: bool = True, serving: bool = False, bus: str = "") -> Database:
    """Open a database by its address and bring its tables up to date.

    Args:
        url: `sqlite:///PATH` or `postgresql://…`.
        create: whether a SQLite file that is not there is made.
        serving: whether this process answers readers; of a SQLite file only one may.
        bus: address of a NATS server at which nodes of one PostgreSQL database tell each other of changes.

    Raises:
        errors.ConfigInvalid: the address is of another kind.
        errors.ExtraMissing: the bus needs a package that is not installed.
        errors.StoreUnavailable: the database cannot be opened, or another process serves it.
    """
    from majlis.store.log import settle

    if url.startswith("sqlite:///"):
        from majlis.store.sqlite import SQLite

        path = Path(url.removeprefix("sqlite:///"))
        if not create and not path.exists():
            raise errors.StoreUnavailable(f"There is no database file {path}.", hint="Check --data or `database`.")
        return await SQLite.open(path, settle, serving=serving)
    if url.startswith(("postgresql://", "postgres://")):
        from majlis.store.postgresql import PostgreSQL

        return await PostgreSQL.open(url, settle, bus=bus)
    kind = url.split(":", 1)[0]
    raise errors.ConfigInvalid(
        f"A database address that begins with {kind!r} is not known.",
        hint="Use sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME.",
        field="database",
    )
