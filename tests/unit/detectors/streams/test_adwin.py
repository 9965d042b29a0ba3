"""ADWIN against its own definition, computed from the whole window."""

from __future__ import annotations

import math

import numpy as np
import pytest

from watchkeeper.detectors.streams.adwin import Adwin, AdwinState, Bucket
from watchkeeper.events.errors import BadInput


def held(state: AdwinState) -> list[int]:
    """Values in each bucket, oldest first."""
    return [bucket.values for row in reversed(state.rows) for bucket in row]


def test_the_histogram_holds_the_window_exactly() -> None:
    values = np.random.default_rng(0).random(777)
    state = Adwin(delta=1e-9).start()
    for value in values:
        state.update(value)
    assert sum(held(state)) == state.whole.values == 777
    assert held(state) == sorted(held(state), reverse=True)
    assert max(map(len, state.rows)) <= 5
    assert state.whole.total == pytest.approx(values.sum())
    assert state.whole.squares == pytest.approx(((values - values.mean()) ** 2).sum())


def test_a_cut_is_judged_by_the_bound_of_the_paper() -> None:
    values = np.concatenate([np.zeros(32), np.ones(32)])
    state = Adwin(every=64, delta=1e-6).start()
    signal = [state.update(value) for value in values][-1]
    log = math.log(2 * math.log(64) / 1e-6)
    inverse = 1 / 32 + 1 / 32
    bound = math.sqrt(2 * inverse * 0.25 * log) + 2 / 3 * inverse * log
    assert signal.statistic == pytest.approx(1 / bound)


def test_after_an_alarm_the_old_part_is_gone() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(0.2, 0.05, 1000), rng.normal(0.8, 0.05, 200)])
    state = Adwin().start()
    signal = next(signal for signal in map(state.update, values) if signal.alarm)
    assert signal.position <= 1064
    assert signal.since == pytest.approx(1001, abs=8)
    assert state.whole.values < 100


def test_the_span_scales_the_bound() -> None:
    values = np.concatenate([np.full(100, 2.0), np.full(60, 3.0)])

    def alarms(span: float) -> int:
        state = Adwin(span=span).start()
        return sum(state.update(value).alarm for value in values)

    assert alarms(1.0) >= 1
    assert alarms(100.0) == 0


def test_joining_buckets_adds_their_moments() -> None:
    values = np.random.default_rng(2).normal(5, 2, 10)
    halves = [Bucket(len(v), v.sum(), ((v - v.mean()) ** 2).sum()) for v in (values[:3], values[3:])]
    both = halves[0].joined(halves[1])
    assert both.squares == pytest.approx(((values - values.mean()) ** 2).sum())
    assert both.joined(Bucket(0, 0.0, 0.0)) == both


@pytest.mark.parametrize("wrong", [{"delta": 0}, {"span": 0}, {"every": 0}, {"shortest": 0}])
def test_parameters_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(BadInput):
        Adwin(**wrong)  # type: ignore[arg-type]
