"""Brings a database to the newest tables. Alembic writes the SQL; the store's own drivers run it.

So a database is only ever touched by one driver, and a migration is the same file for both databases.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw

from majlis.store.query import Dialect

if TYPE_CHECKING:
    import asyncpg

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x6D616A6C6973
"""The key of PostgreSQL's advisory lock: two nodes that start together migrate one after the other."""


def newest() -> str:
    """Return the revision of the newest tables: the number that its file's name begins with."""
    return max(path.name for path in (_FOLDER / "versions").glob("[0-9]*.py")).partition("_")[0]


def upgrade_sql(dialect: Dialect, current: str | None) -> str:
    """Return the SQL that leads from a revision (None: an empty database) to the newest; empty where it is there."""
    if current == newest():
        return ""
    from alembic.config import Config  # 11 MB that are needed once in a database's version
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    scripts = ScriptDirectory.from_config(config)
    buffer = io.StringIO()

    def steps(_revision: Any, _context: Any) -> Any:
        return scripts._upgrade_revs("head", current)  # type: ignore[arg-type]

    with EnvironmentContext(config, scripts) as context:
        context.configure(
            dialect_name=dialect.value,
            as_sql=True,
            output_buffer=buffer,
            fn=steps,
            starting_rev=current,
            transactional_ddl=False,
        )
        context.run_migrations()
    return buffer.getvalue()


def sqlite(connection: apsw.Connection) -> None:
    """Bring a SQLite file to the newest tables, in one transaction."""
    with connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall()
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall() if known else []
        current = str(rows[0][0]) if rows else None
        # apsw stops at a statement that returns a row until the row is taken.
        connection.execute(upgrade_sql(Dialect.SQLITE, current)).fetchall()


async def postgresql(connection: asyncpg.Connection[Any]) -> None:
    """Bring a PostgreSQL database to the newest tables, in one transaction, one node at a time."""
    async with connection.transaction():
        await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
        known = await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL")
        current = await connection.fetchval("SELECT version_num FROM alembic_version") if known else None
        statements = upgrade_sql(Dialect.POSTGRESQL, current)
        if statements:
            await connection.execute(statements)
