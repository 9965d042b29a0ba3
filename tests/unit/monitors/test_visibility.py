from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.monitors.visibility import MOST, cusum_rise, detectable, labels_needed, smallest_rise


def test_labels_needed_make_sampling_a_part_of_ordinary_movement() -> None:
    needed = labels_needed(0.25 * 0.75, spread=0.04)
    assert np.sqrt(0.25 * 0.75 / needed) == pytest.approx(0.8 * 0.04, rel=0.01)


def test_where_blocks_do_not_move_no_number_is_enough() -> None:
    assert labels_needed(0.2, spread=0.0) == MOST
    assert labels_needed(0.0, spread=0.1) == 1


def test_the_smallest_rise_is_seen_four_times_in_five() -> None:
    rng = np.random.default_rng(1)
    rise = smallest_rise(1.0, blocks=4, z=1.83)
    means = rng.normal(rise, 1, (20_000, 4)).mean(1) * 2
    assert np.mean(means > 1.83) == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("blocks", [1, 5, 10])
def test_a_cusum_sees_its_rise_four_times_in_five_at_least(blocks: int) -> None:
    rng = np.random.default_rng(2)
    up, reached = np.zeros(4000), np.zeros(4000, bool)
    for _ in range(blocks):
        up = np.maximum(0, up + rng.normal(cusum_rise(1.0, blocks, 0.5, 4.0), 1, 4000) - 0.5)
        reached |= up >= 4.0
    assert 0.78 <= reached.mean() <= 0.95


def test_what_does_not_count_is_added() -> None:
    bare, slack = detectable(0.1, 5, 0.5, 4.0), detectable(0.1, 5, 0.5, 4.0, slack=0.02)
    assert slack.lasting == pytest.approx(bare.lasting + 0.02)
    assert slack.at_once > slack.lasting
