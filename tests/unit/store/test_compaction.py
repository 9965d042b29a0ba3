"""Many small files become one; every row stays, once."""

from __future__ import annotations

import pyarrow as pa

from tests.helpers.watching import START, batch
from watchkeeper.store.compaction import AT_LEAST, compact_one
from watchkeeper.store.query import RecordFilter
from watchkeeper.store.records import INFERENCE
from watchkeeper.store.store import Store


def fill(store: Store, files: int, *, extra: bool = False) -> None:
    for seed in range(files):
        rows = pa.Table.from_batches(
            [batch([START + 100 - seed, START + 200], seed=seed).replace_schema_metadata(None)]
        )
        for name in ("version", "route"):
            rows = rows.append_column(name, pa.array(["1", "1"]).dictionary_encode())
        rows = rows.append_column("flags", pa.array([0, 0], pa.uint32()))
        if extra and seed % 2:
            rows = rows.append_column("input.new", pa.array([1.0, 2.0]))
        store.records.add(store.records.write(INFERENCE, "m", rows.sort_by("event_time")))


def test_a_crowded_day_becomes_one_file_with_every_row(store: Store) -> None:
    fill(store, AT_LEAST + 2, extra=True)
    before = store.queries.page("m", RecordFilter())
    assert compact_one(store.records) == AT_LEAST + 2
    (file,) = store.records.files("m")
    assert file.rows == 2 * (AT_LEAST + 2)
    assert store.queries.page("m", RecordFilter()) == before
    assert list(store.data_dir.glob("records/*/*/*")) == [store.records.path(file)]
    assert compact_one(store.records) == 0


def test_a_few_files_are_left_alone(store: Store) -> None:
    fill(store, AT_LEAST - 1)
    assert compact_one(store.records) == 0
