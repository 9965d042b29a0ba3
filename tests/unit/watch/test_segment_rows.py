"""Rows of windows, thinned evenly and cut by the reference."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, reference, watched_store
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.schema.feature import Privacy
from watchkeeper.schema.schema import Schema
from watchkeeper.store.buckets import Source
from watchkeeper.store.store import Store
from watchkeeper.watch import segment_rows as module
from watchkeeper.watch.segment_rows import Windows, read_segments, windows_of
from watchkeeper.watch.worker import Worker

LIVE = Source("flights", "1", "live")
STARTS = np.array([START + day * DAY for day in range(4)])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Four days of 120 rows, labelled but for every tenth; every fourth label contradicts the score."""
    store, journal = watched_store(tmp_path_factory.mktemp("rows")), MemoryJournal()
    worker = Worker(store, journal, clock=FakeClock(START + 4.0 * DAY))
    for day in range(4):
        seconds = START + day * DAY + np.arange(120) * 600.0
        rows = batch(seconds, seed=day)
        said = (rows.column("output.probability").to_numpy() > 0.5) ^ (np.arange(120) % 4 == 0)
        names = rows.column("prediction_id").to_pylist()
        labels = [item(names[k], float(said[k]), at=seconds[k] + 60) for k in range(120) if k % 10]
        journal.append([entry(rows), sent(*labels)])
    while worker.step().entries:
        pass
    worker.close()
    yield store
    store.close()


def windows(one_in: int = 1, *, days: slice = slice(None)) -> Windows:
    return Windows(STARTS[days], np.full(len(STARTS[days]), one_in), DAY)


def test_labelled_rows_are_read_with_their_block_and_levels(kept: Store) -> None:
    read = read_segments(kept, LIVE, "binary", reference(), windows())
    assert read is not None
    assert np.bincount(read.rows.block).tolist() == [108] * 4
    assert read.rows.loss.mean() == pytest.approx(24 / 108)
    assert set(read.rows.features) == {"distance", "hour", "carrier", "weekend"}
    assert {"AA", "B6", "DL", "UA"} <= set(read.rows.features["carrier"].names)
    assert len(read.rows.features["distance"].names) == 5
    assert read.hidden == {}


def test_which_rows_are_left_depends_on_their_window_alone(kept: Store) -> None:
    mixed = Windows(STARTS, np.array([1, 2, 4, 2]), DAY)
    together = read_segments(kept, LIVE, "binary", reference(), mixed)
    assert together is not None
    counts = np.bincount(together.rows.block, minlength=4)
    for place, one_in in enumerate(mixed.one_in.tolist()):
        alone = read_segments(kept, LIVE, "binary", reference(), windows(one_in, days=slice(place, place + 1)))
        assert alone is not None
        np.testing.assert_array_equal(alone.rows.loss, together.rows.loss[together.rows.block == place])
    assert counts[0] == 108
    assert 15 < counts[2] < 40 < counts[1] < 70


def test_other_routes_versions_and_times_have_no_rows(kept: Store) -> None:
    assert read_segments(kept, LIVE._replace(route="shadow"), "binary", reference(), windows()) is None
    later = Windows(STARTS + 9 * DAY, np.ones(4, np.int64), DAY)
    assert read_segments(kept, LIVE, "binary", reference(), later) is None


def test_windows_are_thinned_by_powers_of_two_and_the_oldest_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.array([100, 500, 2_000, 0])
    answered = dict(zip(STARTS.tolist(), labels.tolist(), strict=True))
    monkeypatch.setattr(module, "ROWS", 1_000)
    assert windows_of(STARTS, labels, answered, DAY, 4).one_in.tolist() == [1, 2, 8, 1]
    monkeypatch.setattr(module, "READ", 2_400)
    assert windows_of(STARTS, labels, answered, DAY, 4).starts.tolist() == STARTS[2:].tolist()
    monkeypatch.setattr(module, "READ", 1_000)
    assert windows_of(STARTS, labels, answered, DAY, 4).starts.tolist() == STARTS[3:].tolist()


def test_where_few_rows_of_many_have_a_label_all_of_these_are_used() -> None:
    labels, answered = np.full(4, 200), dict.fromkeys(STARTS.tolist(), 100_000)
    found = windows_of(STARTS, labels, answered, DAY, 40)
    assert (found.starts.tolist(), found.one_in.tolist()) == (STARTS.tolist(), [1] * 4)


def test_what_privacy_changed_is_said(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed, masked = (
        msgspec.structs.replace(feature, privacy=policy)
        for feature, policy in zip(reference().schema.features[2:4], (Privacy.HASH, Privacy.MASK), strict=True)
    )
    monkeypatch.setattr(reference(), "schema", Schema(features=(hashed, masked), outputs=()))
    read = read_segments(kept, LIVE, "binary", reference(), windows())
    assert read is not None
    assert read.hidden == {"carrier": "hashed", "weekend": "masked"}
