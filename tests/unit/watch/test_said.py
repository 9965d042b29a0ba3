"""What was said is counted as rows come: each readable row once, however the stream is cut and labels come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, watched_store
from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.store.buckets import Source
from watchkeeper.store.query import RecordFilter
from watchkeeper.store.store import Store
from watchkeeper.tallies.tally import IntArray
from watchkeeper.watch.said import MOST_CLASSES, in_lots, said_of
from watchkeeper.watch.scoring import Scorer
from watchkeeper.watch.worker import Worker

LAYOUT = layout_for("binary", ("0", "1"))
BINARY = Scorer("binary", ("0", "1"), LAYOUT)
SOURCE = Source("flights", "1", "live")
HOUR = 3600


def rows_of_days(seed: int = 1, n: int = 120) -> pa.RecordBatch:
    return batch(START + np.sort(np.random.default_rng(seed).uniform(0, 2 * DAY, n)), seed=seed, failed=[3, 50])


def recorded(store: Store) -> IntArray:
    """The counts of every answered row that was recorded, in one pass."""
    kept = store.queries.page("flights", RecordFilter(), limit=1000).records
    scores = [record.outputs["probability"] for record in kept if record.status < 400]
    return said_counts(LAYOUT, Pairs.answers("binary", ("0", "1"), pa.table({"probability": pa.array(scores)}))[0])


def kept_said(store: Store) -> dict[int, list[int]]:
    buckets = store.performance.buckets("flights", "1", 0, 1 << 40, said=True)
    return {bucket.start: bucket.said.ravel().tolist() for bucket in buckets if bucket.said is not None}


def take(folder: Path, entries: list[Entry], cuts: list[int]) -> tuple[dict[int, list[int]], IntArray]:
    """What is said in each bucket, and in all records, once `entries` came in steps that end after `cuts`."""
    store, journal = watched_store(folder), MemoryJournal(clock=FakeClock())
    worker = Worker(store, journal, clock=FakeClock())
    for first, last in zip([0, *cuts], [*cuts, len(entries)], strict=True):
        if entries[first:last]:
            journal.append(entries[first:last])
            worker.step()
    found = kept_said(store), recorded(store)
    worker.close()
    store.close()
    return found


@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@given(cuts=st.lists(st.integers(0, 8), max_size=3).map(sorted), labels=st.integers(0, 7))
def test_buckets_sum_to_the_records_whatever_the_steps(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], labels: int
) -> None:
    rows = rows_of_days()
    entries = [entry(rows.slice(first, 18)) for first in range(0, rows.num_rows, 18)]
    ids = rows.column("prediction_id").to_pylist()
    entries.insert(labels, sent(*(item(name, 1.0, at=START + 9 * DAY) for name in ids[::3])))
    found, whole = take(tmp_path_factory.mktemp("cut"), entries, cuts)
    assert np.sum(list(found.values()), axis=0).tolist() == whole.ravel().tolist()
    assert whole.sum() == 118
    hours = np.unique(rows.column("event_time").cast(pa.int64()).to_numpy() // (HOUR * 1_000_000) * HOUR)
    assert set(found) <= set(hours.tolist())
    assert take(tmp_path_factory.mktemp("whole"), entries, [])[0] == found


def test_a_step_that_fails_counts_nothing_and_then_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, journal = watched_store(tmp_path), MemoryJournal(clock=FakeClock())
    worker = Worker(store, journal, clock=FakeClock())
    journal.append([entry(rows_of_days())])
    with monkeypatch.context() as broken:
        broken.setattr(store.positions, "set", lambda *_: (_ for _ in ()).throw(Unavailable("full")))
        with pytest.raises(Unavailable):
            worker.step()
    assert kept_said(store) == {}
    assert store.performance.layout("flights", "1") is None
    worker.step()
    assert np.sum(list(kept_said(store).values())) == 118
    worker.close()
    store.close()


def test_the_layout_of_the_first_rows_is_that_of_the_labels(tmp_path: Path) -> None:
    store, journal = watched_store(tmp_path), MemoryJournal(clock=FakeClock())
    worker = Worker(store, journal, clock=FakeClock())
    rows = rows_of_days()
    journal.append([entry(rows)])
    worker.step()
    kept = store.performance.layout("flights", "1")
    assert kept is not None
    journal.append([sent(item(rows.column("prediction_id")[0].as_py(), 1.0, at=START + 9 * DAY))])
    worker.step()
    assert store.performance.layout("flights", "1") == kept
    (labelled,) = [one for one in store.performance.buckets("flights", "1", 0, 1 << 40) if one.rows]
    assert labelled.counts is not None
    assert labelled.counts.size == LAYOUT.size
    worker.close()
    store.close()


def record(**outputs: Sequence[object] | pa.Array | np.ndarray) -> pa.Table:
    rows = pa.table({f"output.{name}": values for name, values in outputs.items()})
    return rows.append_column("event_time", pa.array(range(rows.num_rows), pa.timestamp("us", tz="UTC")))


def counted(scorer: Scorer, rows: pa.Table) -> int:
    said = said_of(SOURCE, scorer, rows, HOUR)
    return 0 if said is None else sum(int(counts[0].sum()) for _, counts in said.buckets())


def test_rows_without_a_readable_score_are_left_out() -> None:
    rows = record(probability=[0.2, None, float("nan"), 1.7, -0.1, 1.0])
    assert counted(BINARY, rows) == 2
    assert counted(BINARY, record(label=["0", "1"])) == 0
    assert counted(BINARY, record(label=["0", "z"], probability=[0.2, 0.8])) == 1
    assert counted(BINARY, record(other=[[1], [2]])) == 0
    assert counted(BINARY, record(probability=pa.nulls(3))) == 0
    assert counted(BINARY, rows.slice(0, 0)) == 0


@pytest.mark.parametrize("kind", [pa.string(), pa.dictionary(pa.int32(), pa.string())])
def test_a_row_without_a_decision_is_decided_by_its_score_whatever_its_neighbours_carry(kind: pa.DataType) -> None:
    labels = pa.array(["0", None, "1", None], pa.string()).cast(kind)
    rows = record(label=labels, probability=[0.9, 0.8, 0.3, 0.1])
    alone = [said_of(SOURCE, BINARY, rows.slice(row, 1), HOUR) for row in range(4)]
    together = said_of(SOURCE, BINARY, rows, HOUR)
    assert together is not None
    assert together.cells[0].tolist() == [int(one.cells[0, 0]) for one in alone if one is not None]
    decided_yes = [int(cell) // 1474 for cell in together.cells[0]]
    assert decided_yes == [0, 1, 1, 0]


def test_models_that_nothing_is_estimated_of_are_not_counted() -> None:
    many = tuple(f"c{k}" for k in range(MOST_CLASSES + 1))
    scores = {f"probability.{name}": [1.0 if name == "c0" else 0.0] for name in many}
    assert said_of(SOURCE, Scorer("multiclass", many, layout_for("multiclass", many)), record(**scores), HOUR) is None
    assert said_of(SOURCE, Scorer("regression", (), layout_for("regression")), record(prediction=[1.0]), HOUR) is None
    few = many[:3]
    three = {name: scores[name] for name in (f"probability.{one}" for one in few)}
    assert counted(Scorer("multiclass", few, layout_for("multiclass", few)), record(**three)) == 1


def test_many_buckets_come_some_at_a_time() -> None:
    times = pa.array(np.arange(3000) * HOUR * 1_000_000, pa.timestamp("us", tz="UTC"))
    rows = pa.table({"output.probability": np.linspace(0, 1, 3000), "event_time": times})
    said = said_of(SOURCE, BINARY, rows, HOUR)
    assert said is not None
    lots = list(in_lots([said]))
    assert len(lots) > 1
    assert [place.start for lot in lots for place in lot] == (np.arange(3000) * HOUR).tolist()


def test_runs_of_one_source_add_up_in_a_bucket() -> None:
    said = said_of(SOURCE, BINARY, record(probability=[0.1, 0.2]), HOUR)
    assert said is not None
    (lot,) = in_lots([said, said])
    assert [int(counts.sum()) for counts in lot.values()] == [4]
