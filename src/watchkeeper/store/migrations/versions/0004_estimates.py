"""Scores counted beside labels, estimates kept, rewards with their squares, and performance on the reference.

The sum of rewards becomes decimal text: whole millionths outgrow 64 bits, their squares at once. Rewards that were
counted before get their squares from the labels that are still kept; where these no longer tell, they stay unknown.
"""

from bisect import bisect_left

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = ("model", "version", "route", "bucket_start", "width")
_MICRO = 1_000_000
_buckets = sa.table(
    "performance",
    *(sa.column(name) for name in (*_KEY, "reward_rows", "reward_micros", "reward_squares", "reward_zeros")),
)
_labels = sa.table(
    "labels", *(sa.column(name) for name in ("model", "version", "route", "kind", "predicted_at", "number"))
)


def upgrade() -> None:
    op.add_column("versions", sa.Column("performance_digest", sa.Text(), nullable=True))
    op.add_column("performance", sa.Column("said", sa.LargeBinary(), nullable=True))
    op.add_column("performance", sa.Column("reward_sum", sa.Text(), nullable=False, server_default="0"))
    op.add_column("performance", sa.Column("reward_squares", sa.Text(), nullable=True))
    op.add_column("performance", sa.Column("reward_zeros", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE performance SET reward_sum = CAST(reward_micros AS TEXT)")
    op.execute("UPDATE performance SET reward_squares = '0' WHERE reward_rows = 0 AND reward_micros = 0")
    _count_rewards()
    op.drop_column("performance", "reward_micros")
    op.create_table(
        "estimates",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("window_start", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("window_end", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("model", "version", "window_start", "method"),
        sqlite_with_rowid=False,
    )


def _count_rewards() -> None:
    """Squares and zeros of the buckets all of whose rewards are still kept."""
    connection, rewards = op.get_bind(), _rewards()
    key = [_buckets.c[name] for name in _KEY]
    unknown = sa.select(*key, _buckets.c.reward_rows, _buckets.c.reward_micros).where(
        _buckets.c.reward_squares.is_(None)
    )
    for row in connection.execute(unknown).all():
        kept = rewards.get((row.model, row.version, row.route), [])
        if row.width:
            kept = kept[bisect_left(kept, (row.bucket_start,)) : bisect_left(kept, (row.bucket_start + row.width,))]
        micros = [one for _, one in kept]
        if (len(micros), sum(micros)) == (row.reward_rows, row.reward_micros):
            told = {"reward_squares": str(sum(one * one for one in micros)), "reward_zeros": micros.count(0)}
            same = [column == row._mapping[column.name] for column in key]
            connection.execute(sa.update(_buckets).where(*same).values(told))


def _rewards() -> dict[tuple[str, str, str], list[tuple[int, int]]]:
    """By source the (seconds of the prediction, millionths) of every reward that is kept, by time."""
    found: dict[tuple[str, str, str], list[tuple[int, int]]] = {}
    c = _labels.c
    query = sa.select(c.model, c.version, c.route, c.predicted_at, c.number).where(c.kind == "reward")
    for model, version, route, at, number in op.get_bind().execute(query):
        found.setdefault((model, version, route), []).append((at // _MICRO, round(number * _MICRO)))
    return {source: sorted(of) for source, of in found.items()}


def downgrade() -> None:
    op.drop_table("estimates")
    op.add_column("performance", sa.Column("reward_micros", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE performance SET reward_micros = CAST(reward_sum AS INTEGER)")
    for name in ("reward_zeros", "reward_squares", "reward_sum", "said"):
        op.drop_column("performance", name)
    op.drop_column("versions", "performance_digest")
