"""Predictions that people are asked to label."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "label_requests",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("window_start", sa.BigInteger(), nullable=False),
        sa.Column("window_end", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("deadline", sa.Float(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("model", "prediction_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("label_requests_by_state", "label_requests", ["model", "state", "deadline"], unique=False)
    op.create_index("label_requests_by_window", "label_requests", ["model", "version", "window_start"], unique=False)


def downgrade() -> None:
    op.drop_index("label_requests_by_window", "label_requests")
    op.drop_index("label_requests_by_state", "label_requests")
    op.drop_table("label_requests")
