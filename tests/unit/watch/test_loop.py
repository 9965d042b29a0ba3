"""The loop: rows before windows before housekeeping; faults are waited out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.watching import DAY, START, FakeClock, batch, entry, watched_store
from watchkeeper.events.errors import Unavailable
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.store.store import Store
from watchkeeper.watch.loop import Watch
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.worker import Worker


class Bench:
    def __init__(self, store: Store) -> None:
        self.clock = FakeClock(START + 4000.0 * DAY)
        self.store, self.journal = store, MemoryJournal(clock=self.clock)
        self.worker = Worker(store, self.journal, clock=self.clock)
        self.beats = 0
        monitoring = Monitoring(store, clock=self.clock, registry=self.worker.registry)
        self.watch = Watch(store, self.journal, self.worker, monitoring, clock=self.clock, beat=self._beat)

    def _beat(self) -> None:
        self.beats += 1

    def send(self, *seconds: float) -> None:
        self.journal.append([entry(batch(seconds, seed=self.journal.head(), receive=self.clock.now))])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    store = watched_store(tmp_path)
    made = Bench(store)
    yield made
    made.worker.close()
    store.close()


def test_a_turn_says_whether_there_is_more(bench: Bench) -> None:
    bench.send(START)
    assert bench.watch.turn()
    assert not bench.watch.turn()
    assert bench.beats == 1


def test_settling_leaves_nothing_waiting(bench: Bench) -> None:
    bench.send(START)
    bench.send(START + 2 * DAY)
    bench.watch.settle()
    assert bench.journal.backlog(bench.worker.position).rows == 0
    assert len(bench.store.verdicts.history("flights")) == 1


def test_figures_say_what_waits(bench: Bench) -> None:
    bench.send(START)
    bench.watch.turn()
    bench.send(START, START + 1)
    bench.clock.now += 5
    stats = bench.watch.stats()
    assert (stats["lag_rows"], stats["lag_seconds"], stats["failing"]) == (2, 5.0, None)
    assert stats["rows_per_second"] > 0
    assert stats["disk_free_bytes"] > 0
    assert stats["position"] == bench.worker.position


def test_a_disk_fault_is_waited_out(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    tries: list[int] = []
    step = bench.worker.step

    def failing() -> object:
        tries.append(1)
        if len(tries) < 3:
            raise Unavailable("No space left on device")
        stop.set()
        return step()

    monkeypatch.setattr(bench.worker, "step", failing)
    bench.send(START)
    bench.watch.run(stop)
    assert len(tries) == 3
    assert bench.store.records.count("flights") == 1


def test_a_stop_ends_the_loop(bench: Bench) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=bench.watch.run, args=(stop,))
    thread.start()
    bench.send(START)
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
