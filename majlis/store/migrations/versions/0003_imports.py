"""Where imported comments came from, with the HTML that they were before; never changed.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table, its index and its trigger."""
    op.create_table(
        "imports",
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("story", sa.Text(), nullable=False),
        sa.Column("original", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment"],
            ["comments.id"],
        ),
        sa.PrimaryKeyConstraint("comment"),
    )
    op.create_index("imports_by_story", "imports", ["story", "source"], unique=False)
    sentence = "what was imported is never edited"
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER imports_never_edited BEFORE UPDATE ON imports BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER imports_never_edited BEFORE UPDATE ON imports "
            f"FOR EACH ROW EXECUTE FUNCTION majlis_refuse('{sentence}')"
        )
