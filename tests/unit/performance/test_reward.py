"""What is counted of rewards."""

import numpy as np
import pytest
from scipy import stats

from tests.helpers import labelled
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.reward import LARGEST, RewardLayout, mean_reward, millionths


def test_zeros_count() -> None:
    pairs = labelled.reward_pairs(np.array([0.0, 0.0, 3.0, -1.0, 1e9]))
    layout = RewardLayout()
    counts = layout.tally(pairs).counts
    marks = {name: layout.cells.part(counts, name)[0] for name in ("zero", "negative", "clipped")}
    assert marks == {"zero": 2, "negative": 1, "clipped": 1}
    assert layout.cells.total(counts, "reward") == pytest.approx(3 - 1 + 128)


def test_the_scale_follows_the_reference() -> None:
    pairs = labelled.reward_pairs(np.random.default_rng(0).exponential(5e6, 500))
    layout = RewardLayout.fit(pairs)
    assert layout.cells.part(layout.tally(pairs).counts, "clipped")[0] == 0


def sums(rewards: list[float]) -> tuple[int, int, int]:
    micros = [millionths(one) for one in rewards]
    return len(micros), sum(micros), sum(one * one for one in micros)


@pytest.mark.parametrize("shift", [0.0, 1e9])
def test_the_mean_has_student_s_interval_however_far_from_zero(shift: float) -> None:
    rewards = np.round(np.random.default_rng(3).exponential(2.0, 40) * (np.arange(40) % 3 > 0) + shift, 6)
    found = mean_reward(*sums(rewards.tolist()))
    low, high = stats.t.interval(0.95, 39, rewards.mean(), stats.sem(rewards))
    assert found.n == 40
    assert (found.value, found.low, found.high) == pytest.approx((rewards.mean(), low, high), rel=1e-12)
    near = stats.sem(rewards - shift)  # floats lose digits beside a large mean, whole numbers do not
    assert ((found.high or 0) - (found.low or 0)) / 2 == pytest.approx(stats.t.ppf(0.975, 39) * near, rel=1e-6)


def test_zero_rewards_are_rewards() -> None:
    assert mean_reward(*sums([0.0, 0.0, 3.0])).value == 1.0
    assert mean_reward(*sums([0.0, 0.0])).high == 0.0


def test_what_cannot_be_told_is_said() -> None:
    assert (mean_reward(0, 0, 0).value, mean_reward(0, 0, 0).note) == (None, "no rewards")
    one = mean_reward(*sums([2.5]))
    assert (one.value, one.low, one.note) == (2.5, None, "one row has no interval")
    old = mean_reward(2, 3_000_000, None)
    assert (old.value, old.low) == (1.5, None)
    assert "not known" in old.note


def test_the_largest_rewards_count_and_larger_ones_are_refused() -> None:
    found = mean_reward(*sums([LARGEST, -LARGEST, 0.0]))
    assert (found.value, found.n) == (0.0, 3)
    assert found.high == pytest.approx(stats.t.interval(0.95, 2, 0.0, stats.sem([LARGEST, -LARGEST, 0.0]))[1])
    for wrong in (LARGEST * 1.01, -1e300, float("inf"), float("nan")):
        with pytest.raises(BadInput, match=r"between -1e\+15 and 1e\+15"):
            millionths(wrong)
