from __future__ import annotations

import numpy as np

from watchkeeper.backtest.history import read_history
from watchkeeper.backtest.labels import Labels
from watchkeeper.backtest.plan import Plan
from watchkeeper.backtest.truth import Truth, due_windows
from watchkeeper.detectors.finding import Statement
from watchkeeper.monitors.harm import BlockLosses, judge_series

WINDOWS, DELAY = 12, 3
RNG = np.random.default_rng(0)
ORDINARY = BlockLosses(RNG.normal(0.2, 0.02, 30), np.full(30, 200.0), 0.16)
LOSS = np.concatenate([RNG.normal(0.2, 0.02, 6), RNG.normal(0.4, 0.02, 6)])


def labels(rows: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None) -> Labels:
    at = np.arange(0, 14 * 86_400, 21_600)
    history = read_history({"at": at, "x": np.ones(len(at))}, Plan(time="at", until=2 * 86_400.0))
    truth = Truth(
        loss_name="error", ordinary=ORDINARY, line=None, loss=LOSS, harmed=(None,) * WINDOWS,
        labelled=np.full(WINDOWS, 200) if rows is None else rows, realised=({},) * WINDOWS,
        due=due_windows(WINDOWS, 86_400, DELAY * 86_400),
    )  # fmt: skip
    return Labels(history, truth)


def test_each_window_is_heard_when_its_labels_have_come_and_not_before() -> None:
    heard = labels()
    told = {place: [at for at, _ in heard(place)] for place in range(WINDOWS)}
    assert told == {place: [place - DELAY] if place >= DELAY else [] for place in range(WINDOWS)}


def test_it_says_what_the_live_monitor_says() -> None:
    heard = labels()
    said = [finding for place in range(WINDOWS) for _, finding in heard(place)]
    starts = 2 * 86_400 + np.arange(WINDOWS) * 86_400
    expected = judge_series(BlockLosses(LOSS, np.full(WINDOWS, 200.0), 0.16), ORDINARY, starts=starts)
    assert [finding.statement for finding in said] == [Statement.HARM] * (WINDOWS - DELAY)
    assert [f.verdict for f in said] == [f.verdict for f in expected][: WINDOWS - DELAY]
    assert [f.statistic for f in said] == [f.statistic for f in expected][: WINDOWS - DELAY]
    assert "alarm" in {finding.verdict.value for finding in said}


def test_a_window_without_labels_is_passed_over() -> None:
    rows = np.full(WINDOWS, 200)
    rows[1] = 0
    heard = labels(rows)
    assert [at for place in range(WINDOWS) for at, _ in heard(place)] == [0, *range(2, WINDOWS - DELAY)]
