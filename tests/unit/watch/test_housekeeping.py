"""Retention by event time, roll-ups, compaction."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.helpers.watching import DAY, START, FakeClock, batch, entry, labels, watched_store
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.store.buckets import Source
from watchkeeper.store.estimates import Estimate
from watchkeeper.store.performance import Place
from watchkeeper.store.records import FEEDBACK
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.store.windows import Stream
from watchkeeper.watch.housekeeping import Housekeeping
from watchkeeper.watch.worker import Worker

SETTINGS = ModelSettings(bucket_seconds=60, window_seconds=DAY, keep_records_seconds=2 * DAY, keep_buckets_seconds=DAY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path, settings=SETTINGS)
    yield made
    made.close()


def fill(store: Store, days: int, *, files: int = 1) -> None:
    journal, clock = MemoryJournal(), FakeClock(START + 4000.0 * DAY)
    worker = Worker(store, journal, clock=clock)
    for day in range(days):
        for part in range(files):
            seed = day * files + part
            journal.append([entry(batch([START + day * DAY + part * 97], seed=seed, receive=clock.now))])
            journal.append([entry(labels([f"p-{seed:06d}-000000"], at=START + day * DAY))])
            worker.step()
    worker.close()


def test_records_and_buckets_expire_by_event_time(store: Store) -> None:
    fill(store, 6)
    before = store.tallies.window_sum("flights", "1", 0, 1 << 40)
    clock = FakeClock(START + 4000.0 * DAY)
    Housekeeping(store, clock=clock).expire()
    assert {file.day for file in store.records.files("flights")} == {"2022-01-11", "2022-01-12", "2022-01-13"}
    assert {file.day for file in store.records.files("flights", FEEDBACK)} == {"2022-01-11", "2022-01-12", "2022-01-13"}
    assert store.tallies.window_sum("flights", "1", 0, 1 << 40) == before
    widths = [bucket.width for bucket in store.tallies.buckets("flights", "1", 0, 1 << 40)]
    assert widths == [3600, 3600, 3600, 3600, 60, 60]


def test_a_prediction_of_today_does_not_delete_the_history_replayed_before_it(store: Store) -> None:
    fill(store, days=3)
    today = START + 4000.0 * DAY
    with store.begin():
        store.windows.advance(Stream(model="flights", newest_event=today, newest_receive=today, lag=0.0))
    clock = FakeClock(START + SETTINGS.keep_records_seconds - 1.0)  # since it was registered
    Housekeeping(store, clock=clock).expire()
    kept = store.records.count("flights")
    clock.now += 1
    Housekeeping(store, clock=clock).expire()
    assert (kept > 0, store.records.count("flights")) == (True, 0)


@pytest.mark.parametrize(("window", "width"), [(900, 900), (5400, 1800), (7200, 3600)])
def test_a_window_has_the_same_rows_after_a_roll_up(store: Store, window: int, width: int) -> None:
    store.versions.set_settings("flights", msgspec.structs.replace(SETTINGS, window_seconds=window))
    fill(store, 3, files=40)
    spans = [(START + k * window, START + (k + 1) * window) for k in range(8)]
    before = [store.tallies.window_sum("flights", "1", *span) for span in spans]
    Housekeeping(store, clock=FakeClock(START + 4000.0 * DAY)).expire()
    assert [store.tallies.window_sum("flights", "1", *span) for span in spans] == before
    assert width in {bucket.width for bucket in store.tallies.buckets("flights", "1", 0, 1 << 40)}


def test_small_files_of_a_day_are_merged(store: Store) -> None:
    fill(store, 1, files=9)
    keeping = Housekeeping(store, clock=FakeClock())
    assert keeping.run()
    while keeping.run():
        pass
    assert len(store.records.files("flights")) == 1
    assert len(store.records.files("flights", FEEDBACK)) == 1
    assert store.queries.get("flights", "p-000004-000000").feedback[0].prediction_id == "p-000004-000000"


def test_a_damaged_file_stops_no_housekeeping(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    fill(store, 1, files=9)
    store.records.path(store.records.files("flights")[0]).write_bytes(b"junk")
    store.records.path(store.records.files("flights", FEEDBACK)[0]).write_bytes(b"junk")
    assert not Housekeeping(store, clock=FakeClock()).compact()
    assert "could not be merged" in caplog.text


def test_labels_go_with_their_records_and_what_they_said_stays(store: Store) -> None:
    fill(store, 6)
    clock = FakeClock(START + 4000.0 * DAY)
    house = Housekeeping(store, clock=clock)
    assert store.labels.count("flights") == 6
    house.expire()
    assert store.labels.count("flights") == 3
    assert sum(bucket.rows for bucket in store.performance.buckets("flights", "1", 0, 1 << 40)) == 6
    fill(store, 6)  # the same again: duplicates, and records without labels
    house.expire()
    assert store.labels.count("flights") == 3, "labels are looked through hourly"


def test_a_clock_that_is_set_back_keeps_no_house_waiting(store: Store) -> None:
    clock = FakeClock(START + 60.0 * DAY)
    house = Housekeeping(store, clock=clock)
    house.run()
    journal = MemoryJournal()
    journal.append([entry(labels(["unknown"]))])
    worker = Worker(store, journal)
    worker.step()
    worker.close()
    clock.now += 30.0
    house.run()
    assert store.parked.count("flights") == 1, "the next turn is in a minute"
    clock.now -= 30.0 * DAY
    house.run()
    assert store.parked.count("flights") == 0


def test_labels_are_looked_through_though_the_clock_was_set_back(store: Store) -> None:
    clock = FakeClock(START + 4000.0 * DAY)
    house = Housekeeping(store, clock=clock)
    house.expire()
    fill(store, 6)
    clock.now -= 30 * DAY
    house.expire()
    assert store.labels.count("flights") == 3


def test_what_was_said_and_estimated_stays_400_days(store: Store) -> None:
    old, kept = START - 401 * DAY, START - 399 * DAY
    said = {Place(Source("flights", "1", "live"), start, 3600): np.ones((1, 2, 3), np.int64) for start in (old, kept)}
    one = Estimate(
        model="flights", version="1", start=old, end=old + DAY, method="confidence",
        metrics={}, usual={}, taught=(0, 0), made_at=0.0,
    )  # fmt: skip
    store.performance.add_said(said)
    store.estimates.put([one, msgspec.structs.replace(one, start=kept)])
    fill(store, 1)
    Housekeeping(store, clock=FakeClock(START + 400.0 * DAY)).run()
    left = store.performance.buckets("flights", "1", 0, START - DAY, said=True)
    assert [bucket.start for bucket in left] == [kept]
    assert [estimate.start for estimate in store.estimates.of("flights", "1", 0, 1 << 40)] == [kept]


def test_overdue_feedback_is_given_up_while_keeping_house(store: Store) -> None:
    journal = MemoryJournal()
    journal.append([entry(labels(["unknown"]))])
    worker = Worker(store, journal)
    worker.step()
    worker.close()
    clock = FakeClock(START + 8.0 * DAY)
    Housekeeping(store, clock=clock, read_until=lambda: float(START)).run()
    assert store.parked.count("flights") == 1, "its prediction may lie in the journal"
    Housekeeping(store, clock=clock).run()
    assert store.parked.count("flights") == 0
    assert store.dead_letters.find()[0].reason == "unmatched"
