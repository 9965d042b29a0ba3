from __future__ import annotations

import numpy as np

from tests.unit.monitors.streams import DAY, day, tallies
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.judge import Judge, _Telling

START = 40 * DAY
TESTS = {"rolling", "fixed", "lasting", "broken"}


def sitting(judge: Judge, rng: np.random.Generator, rows: list[int]) -> _Telling:
    windows = tallies(judge.baseline.reference, [day(rng, n) for n in rows])
    return _Telling(judge.baseline, judge.row_null, windows, judge.begin(START), None)


def test_windows_too_short_to_judge_run_no_test(judge: Judge, rng: np.random.Generator) -> None:
    told = sitting(judge, rng, [judge.policy.min_n - 1, 1])
    assert [verdict.verdict for verdict in told.verdicts()] == [Verdict.NOT_ENOUGH_DATA] * 2
    assert not {*TESTS, "unseen"} & set(vars(told))


def test_one_window_that_is_long_enough_runs_them_all(judge: Judge, rng: np.random.Generator) -> None:
    told = sitting(judge, rng, [1, 200])
    short, whole = told.verdicts()
    assert short.verdict is Verdict.NOT_ENOUGH_DATA
    assert whole.verdict is not Verdict.NOT_ENOUGH_DATA
    assert set(vars(told)) >= TESTS
