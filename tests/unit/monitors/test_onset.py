from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.monitors.onset import Kind, onset
from watchkeeper.tallies.tally import FloatArray


def step(size: float, at: int, length: int, rng: np.random.Generator) -> FloatArray:
    return rng.normal(size=length) + np.where(np.arange(length) >= at, size, 0.0)


def ramp(size: float, at: int, over: int, length: int, rng: np.random.Generator) -> FloatArray:
    return rng.normal(size=length) + size * np.clip((np.arange(length) - at + 1) / over, 0, 1)


@pytest.mark.parametrize("size", [2.0, 3.0])
def test_steps_are_placed_within_three_blocks(size: float) -> None:
    rng = np.random.default_rng(7)
    found = [onset(step(size, 20, 30, rng), 1) for _ in range(200)]
    assert np.mean([abs(o.index - 20) <= 3 for o in found]) >= 0.95
    assert np.mean([o.low is not None and o.low <= 20 <= (o.high or 0) for o in found]) >= 0.9
    assert np.mean([o.kind is Kind.ABRUPT for o in found]) >= 0.95


def test_a_fall_is_a_rise_upside_down() -> None:
    z = step(2.5, 15, 25, np.random.default_rng(3))
    assert onset(-z, -1) == onset(z, 1) == onset(z) == onset(-z)


def test_a_slow_climb_has_no_interval() -> None:
    rng = np.random.default_rng(5)
    found = [onset(ramp(6.0, 10, 20, 30, rng)) for _ in range(50)]
    gradual = [o for o in found if o.gradual]
    assert len(gradual) >= 40
    assert all(o.low is None and o.high is None and o.index == o.not_later_than for o in gradual)
    assert 9 <= np.median([o.index for o in gradual]) <= 13


def test_one_block_is_its_own_onset() -> None:
    assert onset(np.array([5.0])).index == 0
    assert onset(np.array([0.0, 0.0, 6.0])).index == 2


def test_not_later_than_is_where_the_sum_left_zero() -> None:
    assert onset(np.array([1.0, -5.0, 0.0, 2.0, 2.0]), 1).not_later_than == 3


def test_the_level_before_may_lie_off_what_was_called_ordinary() -> None:
    rng = np.random.default_rng(11)
    found = [onset(step(2.0, 20, 30, rng) - 0.8, 1) for _ in range(200)]
    assert np.mean([abs(o.index - 20) <= 3 for o in found]) >= 0.93
    assert np.mean([o.low is not None and o.low <= 20 <= (o.high or 0) for o in found]) >= 0.9


def test_a_change_that_ended_is_not_the_onset_of_the_next() -> None:
    rng = np.random.default_rng(12)
    earlier = np.where((np.arange(60) >= 15) & (np.arange(60) < 27), 3.0, 0.0)
    found = [onset(step(3.0, 50, 60, rng) + earlier, 1) for _ in range(100)]
    assert np.mean([abs(o.index - 50) <= 3 for o in found]) >= 0.95
    assert np.mean([o.low is not None and o.low <= 50 <= (o.high or 0) for o in found]) >= 0.9
    assert min(o.not_later_than for o in found) >= 27


def test_a_change_from_the_first_block_on_begins_there() -> None:
    rng = np.random.default_rng(13)
    found = [onset(step(2.0, 0, 40, rng), 1) for _ in range(100)]
    assert np.mean([o.index <= 3 for o in found]) >= 0.85
    assert np.mean([o.low == 0 for o in found]) >= 0.9
