"""Work that has to be done after a commit, and whom it is no longer done for.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the two tables and the indexes."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("error", sa.Text(), nullable=False, server_default=""),
        sa.Column("dead_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["site"], ["sites.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    alive, dead = sa.text("dead_at IS NULL"), sa.text("dead_at IS NOT NULL")
    op.create_index(
        "jobs_due", "jobs", ["site", "kind", "target", "due_at"], sqlite_where=alive, postgresql_where=alive
    )
    op.create_index(
        "jobs_dead",
        "jobs",
        ["site", "kind", sa.text("dead_at DESC"), "id"],
        sqlite_where=dead,
        postgresql_where=dead,
    )
    op.create_table(
        "stopped",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site"], ["sites.id"]),
        sa.PrimaryKeyConstraint("site", "kind", "target"),
    )
