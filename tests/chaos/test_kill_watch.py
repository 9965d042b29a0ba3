"""`kill -9` of a real watch worker at random moments: nothing acknowledged is lost, nothing is counted twice.

The ledger is what the journal acknowledged. In the end every row of it is in exactly one place (a record file, a dead
letter, the count of duplicates), and every tally equals one pass over the rows, bit for bit.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.helpers.watching import DAY, START, batch, entry, labels, reference, watched_store
from watchkeeper.journal.protocol import Entry
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.records import FEEDBACK, INFERENCE
from watchkeeper.store.store import Store
from watchkeeper.watch.loop import Watch
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.worker import Worker

ROOT = Path(__file__).parents[2]
ROWS = 150
LONGEST_LIFE = 0.8  # seconds from the first step to the kill


class Ledger:
    """What was acknowledged: batches, feedback with its repeats, and entries that can never be read."""

    def __init__(self, journal: SqliteJournal, seed: int) -> None:
        self.journal, self.rng = journal, random.Random(seed)
        self.batches: list[pa.RecordBatch] = []
        self.feedback = self.repeated = self.poison = 0

    def feed(self, entries: int) -> None:
        """Append some entries: mostly rows of a few days, some labels sent twice, some junk."""
        for _ in range(entries):
            self.journal.append(self._entries())

    def _entries(self) -> list[Entry]:
        seed = len(self.batches)
        days = np.random.default_rng(seed).uniform(seed // 40, seed // 40 + 2, ROWS)
        rows = batch(START + days * DAY, seed=seed, receive=float(START + 4000 * DAY))
        self.batches.append(rows)
        entries = [entry(rows)]
        if self.rng.random() < 0.3:
            sent = labels(rows.column("prediction_id").to_pylist()[:20])
            entries += [entry(sent), entry(sent)]
            self.feedback, self.repeated = self.feedback + 20, self.repeated + 20
        if self.rng.random() < 0.2:
            entries.insert(0, Entry(kind="inference", model="flights", rows=7, payload=b"junk"))
            self.poison += 7
        return entries


def live_and_die(data_dir: Path, seconds: float) -> None:
    """Start a worker, and kill it `seconds` after its first step began."""
    command = [sys.executable, "-m", "tests.helpers.watch_process", str(data_dir)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        assert process.poll() is None, "the worker ended by itself"
        process.send_signal(signal.SIGKILL)


def finish(data_dir: Path, store: Store) -> None:
    """Let a last worker come to the end of the journal."""
    journal = SqliteJournal(data_dir / "journal.db")
    worker = Worker(store, journal)
    Watch(store, journal, worker, Monitoring(store, registry=worker.registry)).settle()
    assert journal.backlog(worker.position).entries == 0
    worker.close()
    journal.close()


def check(store: Store, ledger: Ledger) -> None:
    """Every acknowledged row in exactly one place, and every tally as in one pass."""
    rows = sum(sent.num_rows for sent in ledger.batches)
    lines = store.losses.intake()
    lost = store.losses.totals()
    stored = {line.kind: line.stored for line in lines if line.model == "flights"}
    assert stored == {INFERENCE: rows, FEEDBACK: ledger.feedback}
    assert sum(line.received for line in lines) == rows + ledger.feedback + ledger.repeated + ledger.poison
    assert lost.get(("flights", "duplicate"), 0) == ledger.repeated
    assert lost.get(("flights", "dead_lettered"), 0) == ledger.poison
    assert recorded_ids(store, INFERENCE) == sorted(
        name for sent in ledger.batches for name in sent.column("prediction_id").to_pylist()
    )
    assert len(recorded_ids(store, FEEDBACK)) == ledger.feedback
    binning = reference().binning
    expected = binning.zero()
    for sent in ledger.batches:
        expected = expected + binning.tally(sent)
    found = store.tallies.window_sum("flights", "1", 0, 1 << 40)
    assert found == (expected, rows)
    assert store.tallies.totals("flights")[0][1:] == (expected, rows)
    judged = store.verdicts.history("flights")
    assert sum(window.n for window in judged) == sum(sum_of(store, w.window_start, w.window_end) for w in judged)


def sum_of(store: Store, start: int, end: int) -> int:
    found = store.tallies.window_sum("flights", "1", start, end)
    return found[1] if found else 0


def recorded_ids(store: Store, kind: str) -> list[str]:
    """The prediction IDs in all catalogued files; files that are not catalogued must be gone."""
    files = store.records.files("flights", kind)
    on_disk = {*store.data_dir.glob("records/*/*/*"), *store.data_dir.glob("feedback/*/*/*")}
    assert {store.records.path(file) for file in files} <= on_disk
    everything = {*files, *store.records.files("flights", FEEDBACK if kind == INFERENCE else INFERENCE)}
    assert {store.records.path(file) for file in everything} == on_disk
    tables = [pq.read_table(store.records.path(file), columns=["prediction_id"], partitioning=None) for file in files]
    return sorted(name for table in tables for name in table.column("prediction_id").to_pylist())


def survive(data_dir: Path, kills: int, seed: int) -> None:
    store = watched_store(data_dir)
    journal = SqliteJournal(data_dir / "journal.db")
    ledger, rng = Ledger(journal, seed), random.Random(seed)
    for _ in range(kills):
        ledger.feed(12)
        live_and_die(data_dir, rng.uniform(0, LONGEST_LIFE))
    journal.close()
    finish(data_dir, store)
    check(store, ledger)
    store.close()


@pytest.mark.chaos
@pytest.mark.timeout(300)
def test_kill_9_loses_nothing_and_counts_nothing_twice(tmp_path: Path) -> None:
    survive(tmp_path, kills=8, seed=1)


@pytest.mark.chaos
@pytest.mark.drill
@pytest.mark.timeout(3600)
def test_two_hundred_kills(tmp_path: Path) -> None:
    survive(tmp_path, kills=200, seed=int(time.time()))
