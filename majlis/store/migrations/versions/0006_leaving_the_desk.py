"""When a person left the desk. The row stays, because decisions name it.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column."""
    op.add_column("staff", sa.Column("removed_at", sa.BigInteger(), nullable=True))
