"""Predictions by ID: only the files and row groups that may hold them are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.watching import DAY, START, batch
from watchkeeper.events.ids import PredictionIdMinter
from watchkeeper.store import parquet
from watchkeeper.store.lookup import COLUMNS, ID, REQUEST, nothing, select, together
from watchkeeper.store.records import INFERENCE
from watchkeeper.store.store import Store


def rows(day: int, n: int = 50, requests: bool = False) -> pa.Table:
    """Rows of one day as they are stored, with IDs minted at their time."""
    times = START + day * DAY + np.linspace(0, DAY - 1, n)
    mint = PredictionIdMinter(np.random.default_rng(day).bytes).mint
    table = pa.Table.from_batches([batch(times, seed=day)])
    table = replaced(table, ID, [mint(int(t * 1000)) for t in times])
    if requests:
        table = replaced(table, REQUEST, [f"order-{day}-{k}" for k in range(n)])
    repeated = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, np.int32)), pa.array(["1"]))
    return table.append_column("version", repeated).append_column("route", repeated).replace_schema_metadata(None)


def replaced(table: pa.Table, name: str, values: list[str]) -> pa.Table:
    place = table.schema.get_field_index(name)
    return table.set_column(place, table.schema.field(place), pa.array(values))


def fill(store: Store, *tables: pa.Table) -> None:
    for table in tables:
        store.records.add(store.records.write(INFERENCE, "m", table))


def ids(table: pa.Table) -> list[str]:
    found: list[str] = table.column(ID).to_pylist()
    return found


def test_predictions_are_found_whatever_file_they_are_in(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 16)
    days = [rows(day) for day in range(4)]
    fill(store, *days)
    wanted = [*ids(days[1])[3:40:7], ids(days[3])[49], "unknown", "01900000-0000-7000-8000-000000000000"]
    found = store.lookup.by_id("m", wanted)
    assert set(ids(found)) == set(wanted[:-2])
    assert set(found.column_names) == {*COLUMNS, "output.probability"}
    memory = together([select(day, ID, wanted) for day in days])
    assert found.sort_by(ID).equals(memory.sort_by(ID))
    assert store.lookup.by_id("other", wanted).num_rows == store.lookup.by_id("m", []).num_rows == 0


def test_what_cannot_hold_them_is_not_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_GROUP_ROWS", 10)
    days = [rows(day) for day in range(3)]
    fill(store, *days)
    for file in store.records.files("m"):
        if file.day != "2022-01-09":
            store.records.path(file).unlink()  # reading it would be logged, and find nothing
    second = [file for file in store.records.files("m") if file.day == "2022-01-09"]
    assert len(second) == 1
    day = next(table for table in days if ids(table)[0] == second[0].first_id)
    assert ids(store.lookup.by_id("m", ids(day)[20:22])) == ids(day)[20:22]


def test_the_callers_own_ids_are_found_in_every_file_that_has_some(store: Store) -> None:
    fill(store, rows(0), rows(1, requests=True), rows(2, requests=True))
    for _ in range(2):  # the second time knows which file has which
        found = store.lookup.by_request("m", ["order-1-7", "order-2-0", "order-9-9"])
        assert sorted(found.column(REQUEST).to_pylist()) == ["order-1-7", "order-2-0"]
    assert store.lookup.by_request("m", []).num_rows == 0


def test_a_file_that_was_read_once_is_not_read_for_ids_that_it_lacks(store: Store) -> None:
    fill(store, rows(0, requests=True), rows(1, requests=True))
    assert store.lookup.by_request("m", ["order-0-7", "order-1-7"]).num_rows == 2
    newest = store.records.files("m")[0]
    store.records.path(newest).write_bytes(b"")  # reading it would be logged, and find nothing
    assert store.lookup.by_request("m", ["order-0-8", "order-1-70"]).num_rows == 1
    fill(store, rows(2, requests=True))
    assert store.lookup.by_request("m", ["order-2-8"]).num_rows == 1


def test_a_damaged_file_costs_its_own_rows_only(store: Store) -> None:
    days = [rows(day) for day in range(2)]
    fill(store, *days)
    spoilt = store.records.files("m")[0]
    Path(store.records.path(spoilt)).write_bytes(b"PAR1 junk")
    assert ids(store.lookup.by_id("m", [*ids(days[0]), *ids(days[1])])) == ids(days[0])


def test_outputs_that_a_version_lacks_are_missing() -> None:
    more = rows(0).append_column("output.other", pa.array(np.ones(50)))
    found = together([select(rows(1), ID, ids(rows(1))[:1]), select(more, ID, ids(more)[:1])])
    assert found.column("output.other").to_pylist() == [None, 1.0]
    assert together([]).equals(nothing())
