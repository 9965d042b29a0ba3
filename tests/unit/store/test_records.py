"""The catalogue decides what exists; files come before it and go after it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.watching import DAY, START, batch
from watchkeeper.events.errors import Unavailable
from watchkeeper.store.records import FEEDBACK, INFERENCE, RecordFile
from watchkeeper.store.store import Store


def rows(*seconds: float, seed: int = 0) -> pa.Table:
    return pa.Table.from_batches([batch(seconds, seed=seed).replace_schema_metadata(None)])


def kept(store: Store, *seconds: float, seed: int = 0, model: str = "m") -> list[RecordFile]:
    files = store.records.write(INFERENCE, model, rows(*seconds, seed=seed))
    store.records.add(files)
    return files


def test_rows_are_written_by_day_and_described(store: Store) -> None:
    files = store.records.write(INFERENCE, "m", rows(START, START + 5, START + DAY, START + DAY + 1.5))
    assert [(file.day, file.rows) for file in files] == [("2022-01-08", 2), ("2022-01-09", 2)]
    first = files[0]
    assert first.path.startswith("records/model=m/day=2022-01-08/")
    assert (first.first_event, first.last_event) == (START * 1_000_000, (START + 5) * 1_000_000)
    assert (first.first_id, first.last_id) == ("p-000000-000000", "p-000000-000001")
    assert store.records.path(first).stat().st_size == first.bytes
    assert store.records.files("m") == []


def test_files_are_found_by_time_and_id_newest_first(store: Store) -> None:
    (a,), (b,), (c,) = (kept(store, START + k * 100, START + k * 100 + 50, seed=k) for k in range(3))
    assert store.records.files("m") == [c, b, a]
    micro = 1_000_000
    assert store.records.files("m", start=(START + 51) * micro, end=(START + 200) * micro) == [b]
    assert store.records.files("m", start=(START + 50) * micro, end=(START + 101) * micro) == [b, a]
    assert store.records.files("m", ids=("p-000001-000001", "p-000001-000001")) == [b]
    assert store.records.files("m", FEEDBACK) == []
    assert store.records.count("m") == 6
    assert store.records.count("n") == 0


def test_a_file_that_nobody_catalogued_is_cleaned(store: Store) -> None:
    (named,) = kept(store, START)
    (orphan,) = store.records.write(INFERENCE, "m", rows(START, seed=1))
    part = store.records.path(named).with_name("half.parquet.part")
    part.write_bytes(b"PAR1")
    assert store.records.clean() == 2
    assert store.records.path(named).exists()
    assert not store.records.path(orphan).exists()
    assert not part.exists()


def test_expired_files_leave_the_catalogue_and_then_the_disk(store: Store) -> None:
    (old,) = kept(store, START)
    (both,) = kept(store, START, START + 100, seed=1)
    assert store.records.expire("m", (START + 50) * 1_000_000) == 1
    assert store.records.files("m") == [both]
    assert not store.records.path(old).exists()
    assert store.records.expire("m", (START + 50) * 1_000_000) == 0


def test_a_crash_in_the_middle_of_a_replacement_loses_and_doubles_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    (old,) = kept(store, START)
    new = store.records.write(INFERENCE, "m", rows(START))

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "unlink", crash)
        store.records.replace([old], new)
    assert store.records.files("m") == new
    assert store.records.clean() == 1
    assert store.records.count("m") == 1
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(store.records, "add", crash)
        store.records.replace(new, [])
    assert store.records.files("m") == new
    assert store.records.path(new[0]).exists()


def test_a_full_disk_is_said_and_leaves_no_part(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("watchkeeper.store.files._sync", full)
    with pytest.raises(Unavailable, match="No space left"):
        store.records.write(INFERENCE, "m", rows(START))
    assert not [path for path in store.data_dir.rglob("*") if path.suffix in (".parquet", ".part")]


def test_crowded_days_are_found(store: Store) -> None:
    for seed in range(3):
        kept(store, START, seed=seed)
    kept(store, START + DAY, seed=9)
    assert store.records.crowded(2) == [(INFERENCE, "m", "2022-01-08")]
    assert len(store.records.of_day(INFERENCE, "m", "2022-01-08")) == 3
    assert np.all([file.rows == 1 for file in store.records.of_day(INFERENCE, "m", "2022-01-09")])
