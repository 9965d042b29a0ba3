from __future__ import annotations

import numpy as np

from tests.unit.monitors.streams import DAY, day, reference, tallies
from watchkeeper.detectors.finding import Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.baseline import compile_baseline
from watchkeeper.monitors.history import History
from watchkeeper.monitors.judge import Judge
from watchkeeper.monitors.policy import Policy
from watchkeeper.monitors.rolling import Asked, judge_fixed, judge_lasting, judge_rolling, recent_unseen
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import IntArray

WEEKS = 9


def asked(judge: Judge, counts: IntArray, starts: IntArray | None = None) -> Asked:
    statistics = judge.baseline.statistics
    return Asked(statistics.means(counts), statistics.rows(counts)[:, statistics.owner], starts)


def test_a_weekend_is_held_against_weekends_where_the_times_are_known() -> None:
    rng = np.random.default_rng(0)
    known = reference(rng, days=14)  # only its binning is used
    sunday = [day(rng, 100, age=lambda _, v, k=k: v + 15 * (k % 7 == 3)) for k in range(7 * WEEKS + 4)]
    counts, starts = tallies(known, sunday), np.arange(7 * WEEKS + 4) * DAY
    judge = Judge(known, Policy(window=DAY, recent_windows=7 * WEEKS))
    statistics = judge.baseline.statistics
    past = History.of(statistics, counts[:-1], starts=starts[:-1])
    timed = judge_rolling(judge.baseline, past, asked(judge, counts[-1:], starts[-1:]))
    blind = judge_rolling(judge.baseline, past, asked(judge, counts[-1:]))
    assert timed.strata is not None
    assert blind.strata is None
    assert timed.judged is not None
    assert blind.judged is not None
    age = judge.baseline.columns.index("input.age")
    assert abs(timed.judged.effect[0, age]) < 0.06 < abs(blind.judged.effect[0, age])


def test_without_eight_windows_nothing_is_known(judge: Judge, rng: np.random.Generator) -> None:
    counts = tallies(judge.baseline.reference, [day(rng)])
    few = History.of(judge.baseline.statistics, np.repeat(counts, 7, 0))
    found = judge_rolling(judge.baseline, few, asked(judge, counts))
    assert found.judged is None
    assert not found.known.any()
    assert found.blocks == 7


def test_blocks_of_the_reference_are_no_live_windows(judge: Judge, rng: np.random.Generator) -> None:
    counts = tallies(judge.baseline.reference, [day(rng)])
    (found,) = judge_lasting(judge.baseline, judge.begin(), asked(judge, counts))
    assert found.since.max() <= 1
    assert not found.exchangeable.any()


def test_the_reference_is_asked_where_it_has_blocks(judge: Judge, rng: np.random.Generator) -> None:
    counts = tallies(judge.baseline.reference, [day(rng)])
    assert judge_fixed(judge.baseline, asked(judge, counts)) is not None
    untimed = Judge(reference(np.random.default_rng(1), timed=False))
    counts = tallies(untimed.baseline.reference, [day(rng)])
    assert judge_fixed(untimed.baseline, asked(untimed, counts)) is None


def test_exchangeable_rows_that_stay_off_alarm_and_movement_of_days_is_a_notice() -> None:
    rng = np.random.default_rng(2)
    untimed = Judge(reference(rng, days=40, timed=False), Policy(window=3600))
    history, verdicts = untimed.begin(), []
    for k in range(60):
        counts = tallies(untimed.baseline.reference, [day(rng, age=lambda _, v: v + 1.5)])
        judged = untimed.judge(counts, history, np.array([k * 3600]))
        history = untimed.follow(history, counts, judged, np.array([k * 3600]))
        verdicts += judged
    told = [f for v in verdicts for f in v.findings if f.detector == "persistent"]
    assert told
    assert all(f.column in {"input.age", "input.price"} for f in told)
    assert all((f.verdict is Verdict.ALARM) == (f.statement is Statement.UNUSUAL) for f in told)


def test_unseen_levels_of_recent_ordinary_windows_are_known(timed: Reference, rng: np.random.Generator) -> None:
    baseline = compile_baseline(timed, Policy())
    days = [day(rng, 200, shop=lambda r, v: np.where(r.random(len(v)) < 0.1, "online", v)) for _ in range(10)]
    history = History.of(baseline.statistics, tallies(timed, days))
    found = dict(zip(baseline.columns, recent_unseen(baseline, history), strict=True))
    assert 0.05 < found["input.shop"] < 0.25
    assert found["input.age"] == 0
