from __future__ import annotations

import numpy as np

from watchkeeper.monitors.half_check import HalfCheck, half_check
from watchkeeper.monitors.policy import DAY, Policy
from watchkeeper.tallies.tally import FloatArray

OWNER = np.repeat(np.arange(4), 3)


def check(means: FloatArray) -> HalfCheck | None:
    return half_check(means, np.full(means.shape, 500.0), np.full(12, 1 / 12), OWNER, policy=Policy(window=DAY))


def test_ordinary_blocks_alarm_about_as_often_as_promised() -> None:
    rng = np.random.default_rng(0)
    found = [check(0.04 * rng.normal(size=(40, 12))) for _ in range(20)]
    assert np.mean([c.alarms / c.blocks for c in found if c]) <= 0.07
    assert sum(c.failed for c in found if c) <= 1


def test_a_stream_of_two_regimes_is_said_to_alarm_too_often() -> None:
    rng = np.random.default_rng(1)
    means = 0.06 * rng.normal(size=(80, 12))
    means[:20] *= 0.1
    means[40:60] *= 0.1
    found = check(means)
    assert found is not None
    assert found.low > 0.1
    assert found.failed
    assert "more frequent than promised" in found.sentence


def test_the_interval_is_wilsons() -> None:
    found = check(0.04 * np.random.default_rng(2).normal(size=(40, 12)))
    assert found is not None
    assert 0 <= found.low <= found.alarms / found.blocks <= found.high <= 1
    assert f"{found.alarms} of 40 ordinary blocks" in found.sentence


def test_few_blocks_are_not_checked() -> None:
    assert check(np.zeros((15, 12))) is None
