"""The tables' house rules."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from watchkeeper.store.tables import METADATA


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=str)
def test_every_table_has_a_primary_key(table: sa.Table) -> None:
    assert list(table.primary_key)


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=str)
def test_only_what_may_be_unknown_is_nullable(table: sa.Table) -> None:
    nullable = {f"{table.name}.{column.name}" for column in table.columns if column.nullable}
    told = {f"labels.{name}" for name in ("number", "text", "source", "probability")}
    scored = {f"performance.{name}" for name in ("corrections", "delays", "said", "reward_squares")}
    assert nullable <= {"windows.counts", "versions.performance_digest", *scored, *told}
