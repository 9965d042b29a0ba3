"""Closed windows are judged once, revised when late rows come, and tell each thing once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.helpers.watching import DAY, START, FakeClock, batch, entry, watched_store
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.table import State
from watchkeeper.events.verdict import Verdict
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.monitors.judge import Judge
from watchkeeper.report.words import moment
from watchkeeper.watch.monitoring import LABELS_SECONDS, Monitoring
from watchkeeper.watch.worker import Worker

REPLAYED_AT = float(START + 4000 * DAY)


class Bench:
    """A model whose days are replayed long after, or live."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock(REPLAYED_AT)
        self.store = watched_store(folder)
        self.journal = MemoryJournal(clock=self.clock)
        self.worker = Worker(self.store, self.journal, clock=self.clock)
        self.monitoring = Monitoring(self.store, clock=self.clock, targets=("log",))
        self.seed = 0

    def send(self, rows: pa.RecordBatch) -> None:
        self.journal.append([entry(rows)])
        self.worker.step()

    def day(self, day: int, rows: int = 300, *, missing: bool = False, live: bool = False, slow: int = 1) -> None:
        """Rows spread over one day; `missing`: without distance; `slow`: answered so many times slower."""
        self.seed += 1
        seconds = START + day * DAY + np.linspace(0, DAY - 1, rows)
        sent = batch(seconds, seed=self.seed, receive=None if live else REPLAYED_AT)
        if missing:
            place = sent.schema.get_field_index("input.distance")
            sent = sent.set_column(place, sent.schema.field(place), pa.nulls(rows, pa.float64()))
        place = sent.schema.get_field_index("latency_us")
        latency = pc.multiply(sent.column(place), pa.scalar(slow, pa.int32()))
        self.send(sent.set_column(place, sent.schema.field(place), latency))

    def alerts(self) -> list[tuple[Cause, State]]:
        return [(alert.cause, alert.state) for alert in self.store.alerts.find()]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.worker.close()
    made.store.close()


def test_a_window_is_judged_when_later_events_have_closed_it(bench: Bench) -> None:
    bench.day(0)
    assert bench.monitoring.run() == 0
    bench.day(1)
    assert bench.monitoring.run() == 1
    assert bench.monitoring.run() == 0
    (found,) = bench.store.verdicts.history("flights")
    assert (found.window_start, found.window_end, found.n, found.revision) == (START, START + DAY, 300, 1)
    assert {finding.feature for finding in found.body.findings} >= {"distance", "hour", "carrier", "error rate"}


def test_a_break_alerts_at_once_and_is_told_once(bench: Bench) -> None:
    for day in range(4):
        bench.day(day, missing=day == 2)
    bench.monitoring.run()
    assert bench.store.verdicts.history("flights")[-1].verdict is Verdict.ALARM
    (alert,) = bench.store.alerts.find()
    assert (alert.cause, alert.state, alert.onset) == (Cause.MISSING, State.FIRING, START + 2 * DAY)
    assert "distance" in alert.title
    (message,) = bench.store.outbox.due(REPLAYED_AT)
    assert message.alert_id == alert.id
    (move,) = bench.store.alerts.transitions(alert.id)
    assert move.to_state is State.FIRING
    assert move.reason == f"window {moment(START + 2 * DAY)} to {moment(START + 3 * DAY)}", "event time, for people"


def test_a_late_row_revises_its_window_and_tells_nobody_twice(bench: Bench) -> None:
    for day in range(4):
        bench.day(day, missing=day == 2)
    bench.monitoring.run()
    bench.send(batch([START + 2 * DAY + 5.0], seed=77, receive=REPLAYED_AT))
    assert bench.monitoring.run() == 1
    first, second = bench.store.verdicts.revisions("flights", "1", START + 2 * DAY)
    assert (first.n, second.n, second.revision, second.revised) == (300, 301, 2, True)
    assert [v.revision for v in bench.store.verdicts.history("flights")] == [1, 1, 2]
    assert len(bench.store.outbox.find()) == 1


def test_verdicts_do_not_depend_on_restarts(bench: Bench, tmp_path: Path) -> None:
    other = Bench(tmp_path / "other")
    for day in range(12):
        for one in (bench, other):
            one.day(day, missing=day == 9)
            one.monitoring.run()
        other.monitoring = Monitoring(other.store, clock=other.clock)
    a, b = (one.store.verdicts.history("flights") for one in (bench, other))
    assert [v.body for v in a] == [v.body for v in b]
    assert [alert.to_json() for alert in bench.store.alerts.find()] == [
        alert.to_json() for alert in other.store.alerts.find()
    ]
    other.worker.close()
    other.store.close()


def test_a_live_stream_closes_by_the_clock_and_its_silence_is_told(bench: Bench) -> None:
    bench.day(0, live=True)
    bench.clock.now = START + DAY + 599.0
    assert bench.monitoring.run() == 0
    bench.clock.now = START + DAY + 600.0
    assert bench.monitoring.run() == 1
    bench.clock.now = START + 3 * DAY + 600.0
    assert bench.monitoring.run() == 2
    assert bench.alerts() == [(Cause.TRAFFIC, State.PENDING)]
    bench.clock.now = START + 9 * DAY
    assert bench.monitoring.run() == 1
    assert bench.alerts() == [(Cause.TRAFFIC, State.FIRING)]
    assert bench.monitoring.run() == 0
    last = bench.store.verdicts.history("flights")[-1]
    assert (last.n, last.verdict) == (0, Verdict.ALARM)


def test_traffic_that_comes_back_resolves_the_alert(bench: Bench) -> None:
    bench.day(0, live=True)
    bench.clock.now = START + 5 * DAY
    bench.monitoring.run()
    for day in (5, 6, 7):
        bench.day(day, live=True)
    bench.clock.now = START + 8 * DAY + 600.0
    bench.monitoring.run()
    assert (Cause.TRAFFIC, State.RESOLVED) in bench.alerts()


def test_rows_that_wait_in_the_journal_are_no_silence(bench: Bench) -> None:
    bench.monitoring = Monitoring(bench.store, clock=bench.clock, read_until=bench.worker.read_until)
    bench.day(0, live=True)
    bench.clock.now = START + 2.0 * DAY
    bench.journal.append([entry(batch(START + DAY + np.linspace(0, DAY - 1, 300)))])
    bench.clock.now = START + 3.0 * DAY + 3600  # this process was away: a day waits, and two have ended by the clock
    bench.monitoring.run()
    judged = [(v.window_start - START) // DAY for v in bench.store.verdicts.history("flights")]
    assert judged == [0], "and no day that may have rows"
    assert all(verdict.n for verdict in bench.store.verdicts.history("flights"))
    bench.worker.step()
    bench.monitoring.run()
    found = bench.store.verdicts.history("flights")
    assert [(v.n, v.revision) for v in found] == [(300, 1), (300, 1), (0, 1)], "judged once each, on all of their rows"


def test_the_end_of_a_replay_is_no_silence(bench: Bench) -> None:
    bench.day(0)
    bench.day(1)
    bench.monitoring.run()
    assert bench.alerts() == []


def test_a_slow_service_alarms_in_a_live_stream_and_is_told_once(bench: Bench) -> None:
    for day in range(14):
        bench.day(day, live=True, slow=5 if 9 <= day < 12 else 1)
        bench.clock.now = START + (day + 1) * DAY + 600.0
        bench.monitoring.run()
        if day == 11:
            assert bench.alerts() == [(Cause.LATENCY, State.FIRING)]
    (alert,) = bench.store.alerts.find()
    assert (alert.state, alert.onset, alert.ended) == (State.RESOLVED, START + 9 * DAY, START + 14 * DAY)
    assert "times" not in alert.title
    assert len(bench.store.outbox.find()) == 2


def test_a_replay_raises_no_latency_alarm(bench: Bench) -> None:
    for day in range(14):
        bench.day(day, slow=5 if day >= 9 else 1)
    bench.monitoring.run()
    assert bench.alerts() == []
    latencies = [f for v in bench.store.verdicts.history("flights") for f in v.body.findings if "latency" in f.feature]
    assert len(latencies) == 3 * 13
    assert {finding.verdict for finding in latencies} == {Verdict.NOT_ENOUGH_DATA}
    assert "replayed" in latencies[-1].note


def test_traffic_that_falls_away_alarms(bench: Bench) -> None:
    for day in range(14):
        bench.day(day, rows=60 if 9 <= day < 12 else 300)
    bench.monitoring.run()
    (alert,) = bench.store.alerts.find(states=[State.FIRING])
    assert (alert.cause, alert.state, alert.onset) == (Cause.TRAFFIC, State.FIRING, START + 9 * DAY)


def test_errors_of_the_service_alarm(bench: Bench) -> None:
    rows = START + np.linspace(0, DAY - 1, 200)
    bench.send(batch(rows, seed=5, receive=REPLAYED_AT, failed=range(0, 200, 4)))
    bench.day(1)
    bench.monitoring.run()
    assert (Cause.ERRORS, State.FIRING) in bench.alerts()


def test_a_window_that_cannot_be_judged_says_why_and_stops_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ArithmeticError("no such number")

    bench.day(0)
    bench.day(1)
    with monkeypatch.context() as patch:
        patch.setattr(Judge, "judge", broken)
        assert bench.monitoring.run() == 1
    found = bench.store.verdicts.latest("flights")
    assert found is not None
    assert (found.verdict, found.body.notes) == (Verdict.NOT_COMPUTABLE, ("no such number",))
    bench.day(2)
    assert bench.monitoring.run() == 1


def test_windows_that_late_rows_open_again_in_a_row_need_one_judge(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(7):
        bench.day(day)
    bench.monitoring.run()
    made: list[Judge] = []
    begun = Judge.__init__

    def count(judge: Judge, *given: Any) -> None:
        made.append(judge)
        begun(judge, *given)

    monkeypatch.setattr(Judge, "__init__", count)
    for day in range(1, 5):
        bench.send(batch([START + day * DAY + 5.0] * 3, seed=day, prefix="late", receive=REPLAYED_AT))
    assert bench.monitoring.run() == 4
    assert len(made) == 1
    told = [found.body for found in bench.store.verdicts.history("flights")]
    one_by_one = Monitoring(bench.store, clock=bench.clock)
    for day in range(1, 5):
        bench.store.windows.touch("flights", "1", [(START + day * DAY, START + (day + 1) * DAY)])
        assert one_by_one.run() == 1
    assert [found.body for found in bench.store.verdicts.history("flights")] == told


def test_a_pass_ends_after_a_second_and_the_next_goes_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(judge: Judge, *given: Any) -> Any:
        bench.clock.now += 0.6
        return ordinary(judge, *given)

    ordinary = Judge.judge
    monkeypatch.setattr(Judge, "judge", slow)
    for day in range(6):
        bench.day(day)
    assert [bench.monitoring.run() for _ in range(4)] == [2, 2, 1, 0]
    assert [found.revision for found in bench.store.verdicts.history("flights")] == [1] * 5


def test_windows_that_never_cease_keep_no_label_waiting(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[float] = []
    monkeypatch.setattr(bench.monitoring._harm, "due", lambda: heard.append(bench.clock.now))
    for day in range(6):
        bench.day(day)
    bench.monitoring.run(limit=1)
    assert heard == []
    bench.clock.now += LABELS_SECONDS
    bench.monitoring.run(limit=1)
    bench.monitoring.run(limit=1)
    assert heard == [bench.clock.now]


def test_a_pass_can_be_limited(bench: Bench) -> None:
    for day in range(5):
        bench.day(day)
    assert [bench.monitoring.run(limit=3), bench.monitoring.run(limit=3), bench.monitoring.run(limit=3)] == [3, 1, 0]
