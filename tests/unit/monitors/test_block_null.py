from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from watchkeeper.monitors.block_null import BlockNull
from watchkeeper.monitors.movement import Movement, column_scores

OWNER = np.repeat(np.arange(5), 3)
Array = np.ndarray[Any, np.dtype[np.float64]]


def stream(rng: np.random.Generator, blocks: int, correlation: float = 0.0) -> Array:
    """Block means of 15 statistics of 5 columns that move from block to block; sampling noise of 200 rows beside."""
    level = rng.normal(size=(blocks, 15))
    for k in range(1, blocks):
        level[k] = correlation * level[k - 1] + np.sqrt(1 - correlation**2) * level[k]
    return 0.05 * level + rng.normal(size=(blocks, 15)) * np.sqrt(1 / 12 / 200)


def fit(means: Array, folds: int = 4) -> BlockNull:
    return BlockNull.fit(means, np.full(means.shape, 200.0), np.full(15, 1 / 12), OWNER, folds)


def judge(null: BlockNull, means: Array, q: float = 1 / 30) -> Array:
    return null.judge(means, np.full(means.shape, 200.0), q).p


def test_scores_are_root_mean_squares_per_column() -> None:
    z = np.array([[3.0, 0.0, 0.0, 1.0, 1.0, 1.0]])
    assert column_scores(z, np.array([0, 0, 0, 1, 1, 1]))[0].tolist() == pytest.approx([np.sqrt(3), 1.0])


def test_ordinary_movement_is_told_from_sampling_noise() -> None:
    rng = np.random.default_rng(0)
    movement = Movement.fit(stream(rng, 400), np.full((400, 15), 200.0), np.full(15, 1 / 12))
    assert np.sqrt(movement.tau2).mean() == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_ordinary_blocks_alarm_at_about_the_budget(correlation: float) -> None:
    rng = np.random.default_rng(1)
    alarms = []
    for _ in range(40):
        means = stream(rng, 48, correlation)
        alarms.append((judge(fit(means[:28]), means[28:]).min(1) <= 1 / 30).mean())
    assert np.mean(alarms) <= 0.065


def test_a_column_that_jumps_is_found_and_named() -> None:
    rng = np.random.default_rng(2)
    means = stream(rng, 29)
    means[28, 6:9] += 0.5
    p = judge(fit(means[:28]), means[28:])[0]
    assert p[2] <= 1e-3
    assert (np.delete(p, 2) > 0.05).all()


def test_the_part_that_moved_most_is_reported_with_its_interval() -> None:
    rng = np.random.default_rng(3)
    means = stream(rng, 29)
    means[28, 7] += 0.6
    judged = fit(means[:28]).judge(means[28:], np.full((1, 15), 200.0), 1 / 30)
    assert judged.part[0, 2] == 7
    assert judged.low[0, 2] < judged.effect[0, 2] < judged.high[0, 2]
    assert judged.effect[0, 2] == pytest.approx(0.6, abs=0.2)


def test_the_smallest_effect_is_found_four_times_in_five() -> None:
    rng = np.random.default_rng(4)
    found = []
    for _ in range(150):
        means = stream(rng, 29)
        null = fit(means[:28])
        smallest = null.judge(means[28:], np.full((1, 15), 200.0), 1 / 30).smallest[0, 1]
        means[28, 4] += smallest
        found.append(judge(null, means[28:])[0, 1] <= 1 / 30)
    assert 0.65 <= np.mean(found) <= 0.97


def test_blocks_without_any_movement_are_no_error() -> None:
    null = fit(np.zeros((10, 15)))
    assert judge(null, np.zeros((1, 15))).min() > 0.3
    assert judge(null, np.full((1, 15), 0.5)).max() < 1e-3


def test_the_critical_score_has_the_p_it_is_asked_for() -> None:
    null = fit(stream(np.random.default_rng(5), 28))
    border = np.concatenate([null.critical(0.01), np.ones(5)])[None]
    assert null.p(null.scale.units(border)[:, :5], 0.01)[0].tolist() == pytest.approx([0.01] * 5, rel=1e-6)


def test_serial_correlation_widens_the_prediction() -> None:
    calm = Movement.fit(stream(np.random.default_rng(6), 60), np.full((60, 15), 200.0), np.full(15, 1 / 12))
    sticky = Movement.fit(stream(np.random.default_rng(6), 60, 0.7), np.full((60, 15), 200.0), np.full(15, 1 / 12))
    assert sticky.inflation > 2 * calm.inflation
    assert (sticky.df < calm.df).all()
