"""Verdicts: every revision kept, the last one shown."""

from __future__ import annotations

from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.window_verdict import WindowVerdict
from watchkeeper.store.store import Store
from watchkeeper.store.windows import Window


def body(verdict: Verdict, n: int = 5) -> WindowVerdict:
    return WindowVerdict(verdict=verdict, n=n, findings=(Finding(feature="x", detector="psi", verdict=verdict),))


def test_the_last_revision_of_each_window_is_the_history(store: Store) -> None:
    day, next_day = Window("m", "1", 0, 10), Window("m", "1", 10, 20)
    store.verdicts.add(day, 1, body(Verdict.OK), 1.0)
    store.verdicts.add(next_day, 1, body(Verdict.WARN), 2.0)
    kept = store.verdicts.add(day, 2, body(Verdict.ALARM), 3.0)
    history = store.verdicts.history("m")
    assert [(v.window_start, v.revision, v.verdict) for v in history] == [(0, 2, Verdict.ALARM), (10, 1, Verdict.WARN)]
    assert history[0] == kept
    assert kept.revised
    assert [v.verdict for v in store.verdicts.revisions("m", "1", 0)] == [Verdict.OK, Verdict.ALARM]
    latest = store.verdicts.latest("m")
    assert latest is not None
    assert latest.window_start == 10


def test_a_history_is_of_a_version_a_range_and_a_length(store: Store) -> None:
    for k in range(5):
        store.verdicts.add(Window("m", str(k % 2), k * 10, k * 10 + 10), 1, body(Verdict.OK), 1.0)
    assert [v.window_start for v in store.verdicts.history("m", "0")] == [0, 20, 40]
    assert [v.window_start for v in store.verdicts.history("m", start=10, end=30)] == [10, 20]
    assert [v.window_start for v in store.verdicts.history("m", limit=2)] == [30, 40]
    assert store.verdicts.latest("nobody") is None


def test_old_verdicts_expire(store: Store) -> None:
    store.verdicts.add(Window("m", "1", 0, 10), 1, body(Verdict.OK), 1.0)
    store.verdicts.add(Window("m", "1", 10, 20), 1, body(Verdict.OK), 1.0)
    assert store.verdicts.expire("m", 10) == 1
    assert len(store.verdicts.history("m")) == 1
