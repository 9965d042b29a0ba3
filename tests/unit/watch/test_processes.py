"""Heartbeats in, alerts on Watchkeeper itself out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.helpers.watching import DAY, START, FakeClock, watched_store
from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.alerts.table import State
from watchkeeper.events.names import ITSELF
from watchkeeper.monitors.process import GIB
from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.watch.processes import MINUTE, Processes

CALM = {"cpu_seconds": 1.0, "rss_bytes": 0.2 * GIB, "disk_free_bytes": 100 * GIB}


class Bench:
    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock(START + 0.0)
        self.store = watched_store(folder)
        self.processes = Processes(self.store, clock=self.clock, targets=("log",))

    def beat(self, process: str, stats: Mapping[str, float] = CALM, *, started: float = START) -> None:
        beat = Heartbeat(process=process, pid=1, at=self.clock.now, started_at=started, stats={**CALM, **stats})
        self.store.heartbeats.beat(beat)

    def minutes(self, count: int, **stats: float) -> None:
        """So many minutes in which the watch process beats with these figures."""
        for _ in range(count):
            self.clock.now += MINUTE
            self.beat("watch", stats)
            self.processes.run()

    def alerts(self) -> list[tuple[Cause, State]]:
        return [(alert.cause, alert.state) for alert in self.store.alerts.find(model=ITSELF)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.store.close()


def test_calm_processes_alert_nobody(bench: Bench) -> None:
    bench.beat("gateway")
    bench.minutes(1)
    assert bench.alerts() == []
    assert bench.processes.run() == 0  # once a minute
    bench.clock.now += MINUTE
    assert bench.processes.run() == 2


def test_a_nearly_full_disk_opens_one_alert_that_resolves(bench: Bench) -> None:
    bench.minutes(2)
    bench.minutes(5, disk_free_bytes=0.5 * GIB)
    (alert,) = bench.store.alerts.find()
    assert (alert.cause, alert.state, alert.model, alert.version) == (Cause.RESOURCES, State.FIRING, ITSELF, "watch")
    assert alert.title == "watchkeeper watch: resources (disk)"
    assert "0.5 GiB" in alert.summary
    assert "--retention-records" in alert.next_step
    assert alert.onset == START + 3 * MINUTE
    bench.minutes(3, disk_free_bytes=1.5 * GIB)  # between the two limits: neither a new alert nor the end of this one
    assert bench.alerts() == [(Cause.RESOURCES, State.FIRING)]
    bench.minutes(2)
    assert bench.alerts() == [(Cause.RESOURCES, State.RESOLVED)]
    assert [message.alert_id for message in bench.store.outbox.find()] == [alert.id] * 2


def test_memory_past_its_limit_alerts(bench: Bench) -> None:
    bench.minutes(2, rss_bytes=3 * GIB)
    (alert,) = bench.store.alerts.find()
    assert (alert.features, alert.state) == (("memory",), State.FIRING)
    assert alert.summary == "watch holds 3 GiB of memory."


def test_cpu_is_measured_between_heartbeats_of_one_start(bench: Bench) -> None:
    for minute in range(4):
        bench.minutes(1, cpu_seconds=minute * 180.0)
    (alert,) = bench.store.alerts.find()
    assert (alert.features, alert.onset) == (("cpu",), START + 2 * MINUTE)
    bench.clock.now += MINUTE
    bench.beat("watch", {"cpu_seconds": 100_000.0}, started=START + 5.0)
    bench.processes.run()
    assert bench.alerts() == [(Cause.RESOURCES, State.NO_DATA)]


def test_a_process_that_stops_beating_alerts_until_it_beats_again(bench: Bench) -> None:
    bench.beat("gateway")
    bench.minutes(1)
    assert bench.alerts() == []
    bench.minutes(3)
    (alert,) = bench.store.alerts.find()
    assert (alert.cause, alert.version, alert.state) == (Cause.NO_SIGN_OF_LIFE, "gateway", State.FIRING)
    assert alert.severity is Severity.PAGE
    assert alert.summary.startswith("gateway gave no sign of life")
    for _ in range(2):
        bench.beat("gateway")
        bench.minutes(1)
    assert bench.alerts() == [(Cause.NO_SIGN_OF_LIFE, State.RESOLVED)]


def test_what_a_silent_process_said_last_is_no_evidence(bench: Bench) -> None:
    bench.minutes(2, rss_bytes=3 * GIB)
    for _ in range(2):
        bench.clock.now += 2 * MINUTE
        bench.processes.run()
    assert sorted(bench.alerts()) == [(Cause.NO_SIGN_OF_LIFE, State.FIRING), (Cause.RESOURCES, State.NO_DATA)]


def test_old_heartbeats_at_a_start_are_no_silence(bench: Bench) -> None:
    bench.beat("gateway")
    bench.clock.now += DAY
    bench.processes = Processes(bench.store, clock=bench.clock)
    for _ in range(3):
        bench.clock.now += 20.0
        bench.processes.run()
    assert bench.alerts() == []
