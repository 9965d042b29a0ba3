"""Rows with what is known of them now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, register, watched_store
from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.store.compaction import merge
from watchkeeper.store.labelled_rows import ENVELOPE, KNOWN, RowFilter
from watchkeeper.store.records import INFERENCE
from watchkeeper.store.store import Store
from watchkeeper.watch.worker import Worker

ALL = RowFilter(start=START * 1_000_000, end=(START + 9 * DAY) * 1_000_000)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    """Three days of 40 rows in several files a day, the last of version 2; labels, a correction, a reward, a choice."""
    store = watched_store(tmp_path)
    register(store, version="2")
    journal = MemoryJournal()
    worker = Worker(store, journal, clock=FakeClock(START + 4.0 * DAY))
    for seed in range(6):
        rows = batch(START + seed // 2 * DAY + np.arange(20) * 60.0, seed=seed, version="2" if seed > 3 else "1")
        names = rows.column("prediction_id").to_pylist()
        said = [item(name, 1.0, at=START + 3.0 * DAY, probability=0.25) for name in names[:5]]
        said += [item(names[0], 0.0, "correction", at=START + 3.5 * DAY, source="audit")]
        said += [item(names[1], 2.5, "reward"), item(names[2], "refused", "decision")]
        journal.append([entry(rows)])
        journal.append([sent(*said)])
        worker.step()
    worker.close()
    yield store
    store.close()


def read(store: Store, wanted: RowFilter = ALL) -> pa.Table:
    return pa.concat_tables(
        store.labelled_rows.parts("flights", wanted, store.labelled_rows.columns("flights", wanted))
    )


def test_the_label_is_the_one_that_stands_now(kept: Store) -> None:
    rows = read(kept)
    assert rows.num_rows == 120
    assert set(rows.column_names) == {*ENVELOPE, *kept.labelled_rows.columns("flights", ALL), "label", *KNOWN}
    by_id = {row["prediction_id"]: row for row in rows.to_pylist()}
    corrected, plain, refused = (by_id[f"p-000002-00000{k}"] for k in range(3))
    assert (corrected["label"], corrected["label_revision"], corrected["label_source"]) == ("0", 2, "audit")
    assert (plain["label"], plain["weight"], plain["reward"], plain["decision"]) == ("1", 4.0, 2.5, None)
    assert refused["decision"] == "refused"
    nothing = by_id["p-000002-000009"]
    assert [nothing[name] for name in ("label", "weight", "reward", "label_time")] == [None] * 4


def test_a_filter_keeps_what_it_names(kept: Store) -> None:
    assert read(kept, RowFilter(start=ALL.start, end=ALL.end, version="2")).num_rows == 40
    assert read(kept, RowFilter(start=ALL.start, end=ALL.end, labelled=True)).num_rows == 30
    day = RowFilter(start=(START + DAY) * 1_000_000, end=(START + 2 * DAY) * 1_000_000)
    assert read(kept, day).num_rows == 40
    assert list(kept.labelled_rows.parts("flights", RowFilter(start=0, end=1), {})) == []


def test_a_merge_in_between_takes_nothing_away(kept: Store) -> None:
    columns = kept.labelled_rows.columns("flights", ALL)
    parts = kept.labelled_rows.parts("flights", ALL, columns)
    first = next(parts)
    for day in sorted({file.day for file in kept.records.files("flights")}):
        merge(kept.records, INFERENCE, "flights", kept.records.of_day(INFERENCE, "flights", day))
    assert sum(part.num_rows for part in [first, *parts]) == 120


def test_a_damaged_file_ends_the_reading(kept: Store) -> None:
    file = kept.records.path(kept.records.files("flights")[0])
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(Unavailable, match="cannot be read"):
        read(kept)


def test_columns_of_other_types_become_one(kept: Store) -> None:
    file = kept.records.path(kept.records.files("flights")[0])
    table = pq.read_table(file, partitioning=None)
    place = table.column_names.index("input.hour")
    pq.write_table(table.set_column(place, "input.hour", pa.array(["noon"] * table.num_rows)), file)
    assert kept.labelled_rows.columns("flights", ALL)["input.hour"] == pa.string()
    assert "noon" in read(kept)["input.hour"].to_pylist()


def test_answers_are_the_same_rows_with_nothing_looked_up(kept: Store) -> None:
    wanted = RowFilter(start=ALL.start, end=ALL.end, version="1")
    columns = {"output.probability": pa.float64()}
    found = pa.concat_tables(kept.labelled_rows.answers("flights", wanted, columns))
    assert found.column_names == [*ENVELOPE, "output.probability"]
    whole = read(kept, wanted)
    assert found.num_rows == whole.num_rows == 80
    assert found.equals(whole.select(found.column_names))


def test_the_same_rows_are_left_whatever_file_they_lie_in(kept: Store) -> None:
    half, fourth = (RowFilter(start=ALL.start, end=ALL.end, one_in=k) for k in (2, 4))
    names = read(kept, half)["prediction_id"].to_pylist()
    assert 40 < len(names) < 80
    assert set(read(kept, fourth)["prediction_id"].to_pylist()) < set(names)
    for day in sorted({file.day for file in kept.records.files("flights")}):
        merge(kept.records, INFERENCE, "flights", kept.records.of_day(INFERENCE, "flights", day))
    assert sorted(read(kept, half)["prediction_id"].to_pylist()) == sorted(names)
