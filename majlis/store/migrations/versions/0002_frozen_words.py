"""The triggers that keep words, decisions and history as they are, whoever asks.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_FROZEN = (
    # table, column list that may not change (empty: no column may), the sentence
    ("comments", ("body", "author_name", "submitted_at"), "the words of a comment are never edited"),
    ("records", (), "a decision is never changed"),
    ("log", (), "the decision log is append-only"),
)
_KEPT = ("comments", "records", "log")


def upgrade() -> None:
    """Put the triggers on comments, records and log."""
    if op.get_context().dialect.name == "sqlite":
        _sqlite_triggers()
    else:
        _postgresql_triggers()


def _sqlite_triggers() -> None:
    for table, columns, sentence in _FROZEN:
        of = f" OF {', '.join(columns)}" if columns else ""
        op.execute(
            f"CREATE TRIGGER {table}_never_edited BEFORE UPDATE{of} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_never_removed BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'a row of {table} is never removed'); END"
        )
    # REPLACE INTO removes the old row without asking a DELETE trigger.
    for table, same in (
        ("comments", "id = NEW.id"),
        ("records", "id = NEW.id"),
        ("log", "site = NEW.site AND seq = NEW.seq"),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_never_replaced BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) "
            f"BEGIN SELECT RAISE(ABORT, 'a row of {table} is never replaced'); END"
        )


def _postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION majlis_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'restrict_violation'; END $$"
    )
    for table, columns, sentence in _FROZEN:
        of = f" OF {', '.join(columns)}" if columns else ""
        op.execute(
            f"CREATE TRIGGER {table}_never_edited BEFORE UPDATE{of} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION majlis_refuse('{sentence}')"
        )
    for table in _KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_never_removed BEFORE DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION majlis_refuse('a row of {table} is never removed')"
        )
        op.execute(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION majlis_refuse('a row of {table} is never removed')"
        )
