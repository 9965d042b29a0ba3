from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.unit.monitors.streams import DAY, day, tallies
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.judge import Judge, judge_window
from watchkeeper.monitors.policy import Policy
from watchkeeper.monitors.window_verdict import WindowVerdict
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import IntArray

START = 40 * DAY


def run(judge: Judge, windows: IntArray) -> list[WindowVerdict]:
    """The verdicts of a stream, window after window."""
    history, verdicts = judge.begin(START), []
    for window in windows:
        judged = judge.judge(window[None], history)
        history = judge.follow(history, window[None], judged)
        verdicts += judged
    return verdicts


def alarms(verdict: WindowVerdict, statement: Statement | None = None) -> set[str]:
    return {f.feature for f in verdict.alarms if statement is None or f.statement is statement}


def of(verdict: WindowVerdict, column: str, statement: Statement) -> Finding:
    return next(f for f in verdict.findings if f.column == column and f.statement is statement)


def test_an_ordinary_day_is_ok_and_says_what_it_could_have_seen(judge: Judge, rng: np.random.Generator) -> None:
    (verdict,) = run(judge, tallies(judge.baseline.reference, [day(rng)]))
    assert verdict.verdict in (Verdict.OK, Verdict.WARN)
    assert verdict.n == 200
    for finding in verdict.findings:
        assert finding.smallest_effect is not None
        assert finding.smallest_effect > 0


def test_ordinary_days_rarely_alarm(judge: Judge, rng: np.random.Generator) -> None:
    verdicts = run(judge, tallies(judge.baseline.reference, [day(rng) for _ in range(60)]))
    assert np.mean([bool(verdict.alarms) for verdict in verdicts]) <= 0.1
    assert not any(alarms(verdict, Statement.BROKEN) for verdict in verdicts)


@pytest.mark.parametrize(
    ("column", "detector", "change"),
    [
        ("price", "unit_change", lambda _, v: v * 1.609344),
        ("price", "missing", lambda r, v: np.where(r.random(len(v)) < 0.3, np.nan, v)),
        ("shop", "unseen", lambda r, v: np.where(r.random(len(v)) < 0.1, "online", v)),
        ("age", "infinite", lambda r, v: np.where(r.random(len(v)) < 0.1, np.inf, v)),
    ],
)
def test_a_break_alarms_in_its_first_window_on_the_right_feature_and_for_as_long_as_it_lasts(
    judge: Judge, rng: np.random.Generator, column: str, detector: str, change: Callable[..., Any]
) -> None:
    days = (
        [day(rng) for _ in range(3)]
        + [day(rng, 200, **{column: change}) for _ in range(12)]
        + [day(rng) for _ in range(3)]
    )
    verdicts = run(judge, tallies(judge.baseline.reference, days))
    assert alarms(verdicts[3], Statement.BROKEN) == {column}
    assert detector in {f.detector for f in verdicts[3].alarms}
    assert all(column in alarms(verdict) for verdict in verdicts[3:15])
    assert sum(alarms(verdict, Statement.BROKEN) == {column} for verdict in verdicts[3:15]) >= 10
    for verdict in (*verdicts[:3], *verdicts[15:]):
        assert not alarms(verdict, Statement.BROKEN)


def test_a_slow_season_is_a_notice_and_no_alarm(judge: Judge) -> None:
    rng = np.random.default_rng(21)
    days = [day(rng, age=lambda _, v, k=k: v + 0.09 * k) for k in range(80)]
    verdicts = run(judge, tallies(judge.baseline.reference, days))
    late = verdicts[-10:]
    assert sum(of(v, "input.age", Statement.MOVED).verdict is Verdict.WARN for v in late) >= 8
    assert sum(bool(v.alarms) for v in late) <= 2


def test_a_jump_alarms_until_it_is_the_new_normal(judge: Judge) -> None:
    rng = np.random.default_rng(22)
    policy = Policy(adapt_after=10, recent_windows=10)
    patient = Judge(judge.baseline.reference, policy)
    days = [day(rng, age=lambda _, v: v + 15) for _ in range(30)]
    verdicts = run(patient, tallies(patient.baseline.reference, days))
    jumped = ["age" in alarms(verdict, Statement.UNUSUAL) for verdict in verdicts]
    assert all(jumped[:10])
    assert sum(jumped[12:]) <= 1, jumped
    assert of(verdicts[-1], "input.age", Statement.MOVED).verdict is Verdict.WARN


def test_one_bad_column_never_spoils_its_neighbours(judge: Judge, rng: np.random.Generator) -> None:
    days = [day(rng, price=lambda _, v: np.full(len(v), np.nan)) for _ in range(40)]
    verdicts = run(judge, tallies(judge.baseline.reference, days))
    assert all(alarms(verdict, Statement.BROKEN) == {"price"} for verdict in verdicts)
    assert np.mean([bool(alarms(verdict) - {"price"}) for verdict in verdicts]) <= 0.1


def test_few_rows_are_not_enough_data(judge: Judge, rng: np.random.Generator) -> None:
    (verdict,) = run(judge, tallies(judge.baseline.reference, [day(rng, 25)]))
    assert verdict.verdict is Verdict.NOT_ENOUGH_DATA
    (empty,) = run(judge, np.zeros((1, judge.baseline.reference.binning.size), np.int64))
    assert empty.verdict is Verdict.NOT_ENOUGH_DATA


def test_without_a_recent_past_the_unusual_is_silent_but_breaks_are_not(
    judge: Judge, timed: Reference, rng: np.random.Generator
) -> None:
    broken = tallies(timed, [day(rng, price=lambda r, v: np.where(r.random(len(v)) < 0.4, np.nan, v))])
    (verdict,) = judge.judge(broken, judge.begin(400 * DAY))
    assert of(verdict, "input.age", Statement.UNUSUAL).verdict is Verdict.NOT_ENOUGH_DATA
    assert alarms(verdict) == {"price"}


def test_a_reference_without_time_judges_rows_and_never_pages_for_a_move(
    untimed: Reference, rng: np.random.Generator
) -> None:
    moved = tallies(untimed, [day(rng, age=lambda _, v: v + 10)])
    (verdict,) = judge_window(untimed, moved[0])
    finding = of(verdict, "input.age", Statement.MOVED)
    assert finding.verdict is Verdict.WARN
    assert finding.null == "rows"
    assert "exchangeable" in finding.note
    assert not verdict.alarms


def test_a_batch_is_its_windows_one_by_one(judge: Judge, rng: np.random.Generator) -> None:
    windows = tallies(judge.baseline.reference, [day(rng) for _ in range(3)])
    history = judge.begin(START)
    together = judge.judge(windows, history)
    for k in range(3):
        (alone,) = judge.judge(windows[k : k + 1], history)
        assert alone.verdict is together[k].verdict
        for one, other in zip(alone.findings, together[k].findings, strict=True):
            assert one.p_value == pytest.approx(other.p_value, rel=1e-9)


def test_judging_twice_says_the_same(judge: Judge, rng: np.random.Generator) -> None:
    windows = tallies(judge.baseline.reference, [day(rng)])
    assert judge.judge(windows, judge.begin(START)) == judge.judge(windows, judge.begin(START))


def test_a_restarted_worker_takes_up_where_it_was(judge: Judge, rng: np.random.Generator) -> None:
    days = [day(rng) for _ in range(4)] + [day(rng, age=lambda _, v: v + 20) for _ in range(4)]
    windows = tallies(judge.baseline.reference, days)
    verdicts = run(judge, windows)
    resumed = judge.begin(START).then(judge.history(windows[:7], verdicts[:7]), 1000)
    (verdict,) = judge.judge(windows[7:], resumed)
    assert alarms(verdict) == alarms(verdicts[7]) == {"age"}
    for one, other in zip(verdict.findings, verdicts[7].findings, strict=True):
        assert one.verdict is other.verdict
        assert one.effect == pytest.approx(other.effect, rel=1e-9)


def test_important_features_get_more_of_the_budget(timed: Reference) -> None:
    judge = Judge(timed, Policy(importance={"age": 8.0, "price": 0.5, "shop": 0.5}))
    rng = np.random.default_rng(5)
    (verdict,) = run(judge, tallies(timed, [day(rng)]))
    assert not verdict.alarms


def test_a_window_can_be_judged_in_one_call(timed: Reference, rng: np.random.Generator) -> None:
    recent = tallies(timed, [day(rng) for _ in range(28)])
    window = tallies(timed, [day(rng, age=lambda _, v: v + 20)])[0]
    (verdict,) = judge_window(timed, window, Policy(), recent)
    assert alarms(verdict, Statement.UNUSUAL) == {"age"}
    assert of(verdict, "input.age", Statement.UNUSUAL).blocks == 28
