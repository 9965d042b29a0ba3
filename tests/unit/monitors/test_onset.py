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
