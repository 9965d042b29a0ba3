from __future__ import annotations

import msgspec
import numpy as np
import pytest

from tests.helpers.histories import TURNED, replayed
from watchkeeper.backtest.plan import Plan
from watchkeeper.backtest.records import HarmSeen, WindowRecord
from watchkeeper.backtest.summary import _harm, _runs, summarise
from watchkeeper.backtest.truth import HarmLine, Truth, due_windows
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.harm import BlockLosses

PLAN = Plan(time="at", until=0.0, label="y", scores=("p",), label_delay=86_400)
SEEN = Finding(feature="error", detector="cusum", statement=Statement.HARM, verdict=Verdict.ALARM)
DATA = Finding(feature="x", detector="d", statement=Statement.UNUSUAL, verdict=Verdict.ALARM)


def window(*, harmed: bool | None, seen: bool = False, data: bool = False) -> WindowRecord:
    return WindowRecord(
        start="", end="", n=100, verdict=Verdict.OK, harmed=harmed, findings=(DATA,) if data else (),
        harm=HarmSeen(told_at="", finding=SEEN) if seen else None,
    )  # fmt: skip


def truth(windows: int) -> Truth:
    nothing = np.zeros(windows)
    return Truth(
        loss_name="error", ordinary=BlockLosses(nothing, nothing, 0.0), line=HarmLine(0.2, 0.02, 10), loss=nothing,
        labelled=nothing.astype(np.int64), harmed=(None,) * windows, realised=({},) * windows,
        due=due_windows(windows, 86_400, PLAN.label_delay),
    )  # fmt: skip


def test_harm_is_counted_by_window_and_by_run() -> None:
    windows = [
        window(harmed=False),
        window(harmed=True, data=True),
        window(harmed=True, seen=True),
        window(harmed=None),
        window(harmed=True),
        window(harmed=False, seen=True),
    ]
    harm = _harm(PLAN, windows, truth(6))
    assert (harm.harmed, harm.labelled_windows, harm.seen, harm.alarmed) == (3, 5, 1, 1)
    assert (harm.episodes, harm.found, harm.harm_in_vain) == (2, 1, 1)
    assert harm.delay_windows == 2, "seen on the second window, told one window later"
    assert harm.line == pytest.approx(0.24)
    assert (harm.label_windows, harm.estimated) == (1, None)


def test_runs_are_broken_by_gaps() -> None:
    assert _runs([1, 2, 5, 7, 8]) == [[1, 2], [5], [7, 8]]
    assert _runs([]) == []


def test_the_budget_is_for_unusual_windows() -> None:
    told = summarise(PLAN, [window(harmed=None, data=True)] * 3 + [window(harmed=None)] * 27, [], None)
    assert (told.alarms, told.months, told.alarms_per_month, told.broken) == (3, 1.0, 3.0, 0)
    assert (told.pages, told.in_vain, told.harm) == (0, None, None)


def test_empty_windows_take_no_time() -> None:
    empty = msgspec.structs.replace(window(harmed=None), n=0)
    told = summarise(PLAN, [empty] * 5, [], None)
    assert (told.empty, told.months, told.alarms_per_month, told.pages_per_month) == (5, 0.0, 0.0, 0.0)


def test_the_small_history_tells_its_story() -> None:
    told = replayed().summary
    assert (told.windows, told.pages, told.in_vain) == (50, 2, 1)
    assert told.harm is not None
    assert told.harm.harmed == told.harm.seen == TURNED[1] - TURNED[0]
    assert (told.harm.episodes, told.harm.found, told.harm.delay_windows) == (1, 1, 2)
    assert replayed(labels=False).summary.in_vain is None
