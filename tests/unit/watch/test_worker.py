"""From journal to store: every row counted once, one bad entry never costs its neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.watching import (
    DAY,
    SCHEMA,
    START,
    FakeClock,
    batch,
    entry,
    labels,
    reference,
    register,
    watched_store,
)
from watchkeeper.events.errors import Conflict, Unavailable
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry
from watchkeeper.store.losses import AFTER_JOURNAL
from watchkeeper.store.query import RecordFilter
from watchkeeper.store.records import FEEDBACK, INFERENCE
from watchkeeper.store.versions import ModelSettings
from watchkeeper.tallies.tally import Tally
from watchkeeper.watch.attempts import LIMIT
from watchkeeper.watch.worker import Worker


class Bench:
    """A store, a journal and a worker, and what must hold of them."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.store = watched_store(folder)
        self.journal = MemoryJournal(clock=self.clock)
        self.worker = Worker(self.store, self.journal, clock=self.clock)

    def run(self) -> None:
        while self.worker.step().entries:
            pass
        self.check_conservation()

    def check_conservation(self) -> None:
        """received = stored + duplicate + dead-lettered, for every model."""
        received: dict[str, int] = {}
        stored: dict[str, int] = {}
        for line in self.store.losses.intake():
            received[line.model] = received.get(line.model, 0) + line.received
            stored[line.model] = stored.get(line.model, 0) + line.stored
        lost = self.store.losses.totals()
        for model, rows in received.items():
            assert rows == stored[model] + sum(lost.get((model, reason), 0) for reason in AFTER_JOURNAL)
            if model != "?":
                kept = self.store.records.count(model, INFERENCE) + self.store.records.count(model, FEEDBACK)
                assert kept == stored[model]

    def whole(self) -> Tally:
        found = self.store.tallies.window_sum("flights", "1", 0, 1 << 40)
        assert found is not None
        return found[0]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.worker.close()
    made.store.close()


def one_pass(*batches: pa.RecordBatch) -> Tally:
    """The tally of all rows at once, from the same bins."""
    binning = reference().binning
    total = binning.zero()
    for rows in batches:
        total = total + binning.tally(rows)
    return total


def test_tallies_equal_one_pass_over_all_rows_bit_for_bit(bench: Bench) -> None:
    rng = np.random.default_rng(3)
    batches = [batch(START + rng.integers(0, 3 * DAY, 200), seed=seed) for seed in range(6)]
    for rows in batches:
        bench.journal.append([entry(rows)])
        bench.worker.step()
    bench.check_conservation()
    assert bench.whole() == one_pass(*batches)


def test_entries_of_one_source_are_joined_into_one_step_and_one_file_a_day(bench: Bench) -> None:
    bench.journal.append([entry(batch([START + 60 * k], seed=k)) for k in range(50)])
    step = bench.worker.step()
    assert (step.entries, step.rows, step.stored) == (50, 50, 50)
    assert len(bench.store.records.files("flights")) == 1
    assert bench.store.positions.get("watch") == bench.journal.head()


def test_failed_requests_count_for_the_service_only(bench: Bench) -> None:
    rows = batch([START + k for k in range(10)], failed=[2, 5])
    bench.journal.append([entry(rows)])
    bench.run()
    binning = reference().binning
    answered = rows.filter(pa.array([k not in (2, 5) for k in range(10)]))
    errors = rows.filter(pa.array([k in (2, 5) for k in range(10)])).select(["status", "latency_us"])
    assert bench.whole() == binning.tally(answered) + binning.tally(errors)
    assert all(record.flags == 0 for record in bench.store.queries.page("flights", RecordFilter()).records)


def test_rows_are_flagged_by_the_schema(bench: Bench) -> None:
    rows = batch([START + k for k in range(3)])
    place = rows.schema.get_field_index("input.distance")
    rows = rows.set_column(place, rows.schema.field(place), pa.array([1.0, None, 1e9]))
    bench.journal.append([entry(rows)])
    bench.run()
    found = {r.prediction_id[-1]: r.flags for r in bench.store.queries.page("flights", RecordFilter()).records}
    assert found == {"0": 0, "1": 1, "2": 16}
    assert SCHEMA.features[0].name == "distance"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Entry(kind="inference", model="flights", rows=3, payload=b"junk"), "undecodable"),
        (Entry(kind="inference", model="flights", rows=3, payload=b""), "undecodable"),
        (Entry(kind="gossip", model="flights", rows=3, payload=b""), "unknown_kind"),
        (entry(batch([START] * 3, model="nobody")), "unknown_version"),
        (entry(batch([START] * 3, version="9")), "unknown_version"),
        (entry(labels(["a", "b", "c"], model="nobody")), "unknown_model"),
        (entry(batch([START] * 3).drop_columns(["event_time"])), "malformed"),
        (Entry(kind="inference", model="flights", rows=3, payload=entry(batch([START] * 2)).payload), "malformed"),
        (Entry(kind="feedback", model="flights", rows=3, payload=entry(batch([START] * 3)).payload), "malformed"),
    ],
)
def test_a_bad_entry_is_put_aside_and_its_neighbours_are_kept(bench: Bench, bad: Entry, reason: str) -> None:
    bench.journal.append([entry(batch([START], seed=1)), bad, entry(batch([START], seed=2))])
    bench.run()
    assert bench.store.records.count("flights") == 2
    letter = bench.store.dead_letters.find()[0]
    assert (letter.reason, letter.rows) == (reason, 3)
    kept = bench.store.dead_letters.get(letter.id)
    assert kept is not None
    assert kept.payload == bad.payload


def test_an_entry_that_makes_the_count_raise_is_found_and_put_aside(bench: Bench) -> None:
    good = batch([START], seed=1)
    place = good.schema.get_field_index("latency_us")
    huge = batch([START], seed=2).set_column(place, good.schema.field(place), pa.array([None], pa.int32()))
    evil = batch([START], seed=2)
    listed = pa.field("input.distance", pa.list_(pa.float64()))
    evil = evil.set_column(evil.schema.get_field_index("input.distance"), listed, pa.array([[1.0]], listed.type))
    bench.journal.append([entry(good), entry(huge), entry(evil), entry(batch([START], seed=3))])
    bench.run()
    assert bench.store.records.count("flights") + bench.store.dead_letters.count() == 4
    assert bench.store.records.count("flights") >= 2


def test_a_damaged_entry_is_counted(bench: Bench) -> None:
    bench.journal.append([entry(batch([START]))])
    damaged = bench.journal._entries[0]
    bench.journal._entries[0] = type(damaged)(
        **{f: getattr(damaged, f) for f in damaged.__struct_fields__} | {"damaged": True}
    )
    bench.run()
    assert bench.store.dead_letters.find()[0].reason == "damaged"


def test_losses_that_the_gateway_reports_are_counted_by_reason(bench: Bench) -> None:
    bench.journal.append([Entry(kind="loss", model="flights", rows=7, payload=b'{"reason":"buffer_full"}')])
    bench.journal.append([Entry(kind="loss", model="flights", rows=2, payload=b"?")])
    bench.run()
    assert bench.store.losses.totals() == {("flights", "buffer_full"): 7, ("flights", "unknown"): 2}


def test_feedback_is_stored_once(bench: Bench) -> None:
    bench.journal.append([entry(batch([START, START], seed=1))])
    ids = ["p-000001-000000", "p-000001-000001"]
    bench.journal.append([entry(labels(ids)), entry(labels(ids[:1]))])
    bench.run()
    bench.journal.append([entry(labels(ids))])
    bench.run()
    assert bench.store.records.count("flights", FEEDBACK) == 2
    assert bench.store.losses.totals()["flights", "duplicate"] == 3
    assert len(bench.store.queries.get("flights", ids[0]).feedback) == 1


def test_unbelievable_event_times_count_under_the_receive_time(bench: Bench) -> None:
    wild = [START, -5.0, START + 3 * DAY, 9.2e12 / 1e6 * 1e6, START - 400 * DAY]
    bench.journal.append([entry(batch(wild, receive=float(START)))])
    bench.run()
    assert bench.store.losses.totals()["flights", "clock_skew"] == 3
    starts = [bucket.start for bucket in bench.store.tallies.buckets("flights", "1", 0, 1 << 40)]
    assert starts == [START - 400 * DAY, START]
    assert bench.store.windows.streams()["flights"].newest_event == START


def test_a_step_that_fails_leaves_nothing_and_can_be_repeated(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.journal.append([entry(batch([START]))])

    def full(*_: object) -> None:
        raise Unavailable("disk full")

    with monkeypatch.context() as patch:
        patch.setattr(bench.store.positions, "set", full)
        with pytest.raises(Unavailable):
            bench.worker.step()
    assert bench.store.records.count("flights") == 0
    assert not list(bench.store.data_dir.glob("records/*/*/*"))
    assert bench.store.tallies.window_sum("flights", "1", 0, 1 << 40) is None
    bench.run()
    assert bench.whole() == one_pass(batch([START]))


def test_only_one_worker_may_run(bench: Bench) -> None:
    with pytest.raises(Conflict, match="Another watch worker"):
        Worker(bench.store, bench.journal)


def test_a_new_version_is_known_at_the_next_step(bench: Bench) -> None:
    bench.run()
    register(bench.store, version="2")
    bench.journal.append([entry(batch([START], version="2"))])
    bench.run()
    assert bench.store.tallies.window_sum("flights", "2", 0, 1 << 40) is not None


def die(bench: Bench, times: int) -> None:
    """Let `times` workers begin with the next entry and not come to an end; the next one lives."""
    for _ in range(times):
        bench.worker.close()
        bench.worker = Worker(bench.store, bench.journal)
        bench.worker._attempts.begin(bench.worker.position)
    bench.worker.close()


@pytest.mark.parametrize(("innocent", "aside"), [(False, 1), (True, 0)])
def test_an_entry_at_which_workers_died_is_put_aside_only_if_it_fails_its_trial(
    bench: Bench, innocent: bool, aside: int
) -> None:
    bench.journal.append([entry(batch([START], seed=1)), entry(batch([START], seed=2))])
    tried: list[tuple[Path, int]] = []

    def trial(folder: Path, after: int) -> bool:
        tried.append((folder, after))
        return innocent

    die(bench, LIMIT)
    bench.worker = Worker(bench.store, bench.journal, trial=trial)
    before = bench.worker.position
    bench.run()
    assert tried == [(bench.store.data_dir, before)]
    assert [letter.reason for letter in bench.store.dead_letters.find()] == ["deadly"] * aside
    assert bench.store.records.count("flights") == 2 - aside


def test_fewer_deaths_put_nothing_on_trial(bench: Bench) -> None:
    bench.journal.append([entry(batch([START]))])
    die(bench, LIMIT - 1)
    bench.worker = Worker(bench.store, bench.journal, trial=lambda *_: pytest.fail("no trial yet"))
    bench.run()
    assert bench.store.records.count("flights") == 1


def test_what_is_kept_is_trimmed_from_the_journal_after_a_while(bench: Bench) -> None:
    bench.journal.append([entry(batch([START]))])
    bench.run()
    assert bench.worker.trim() == 0
    bench.clock.now += 1000
    assert bench.worker.trim() == 1


def test_what_is_kept_never_fills_the_journal(bench: Bench) -> None:
    bench.worker.close()
    worker = Worker(bench.store, bench.journal, clock=bench.clock, keep_journal_bytes=1)
    bench.journal.append([entry(batch([START]))])
    assert worker.trim() == 0, "not kept yet"
    worker.step()
    assert worker.trim() == 1
    assert bench.journal.size_bytes() == 0
    worker.close()


def test_many_buckets_in_one_step_are_counted_in_parts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.watch.counting._GROUP_BYTES", 1)
    bench.store.versions.set_settings("flights", ModelSettings(bucket_seconds=60, window_seconds=DAY))
    rows = batch(START + np.arange(60) * 97)
    bench.journal.append([entry(rows)])
    bench.run()
    assert bench.whole() == one_pass(rows)
    totals = bench.store.tallies.totals("flights")
    assert [(source.version, tally, n) for source, tally, n in totals] == [("1", one_pass(rows), 60)]


def test_a_restarted_worker_goes_on_where_the_last_one_stopped(bench: Bench) -> None:
    first, second = batch([START], seed=1), batch([START], seed=2)
    bench.journal.append([entry(first)])
    bench.worker.step()
    bench.journal.append([entry(second)])
    bench.worker.close()
    bench.worker = Worker(bench.store, bench.journal)
    bench.run()
    assert bench.whole() == one_pass(first, second)
