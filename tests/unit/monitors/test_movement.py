from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.monitors.movement import Movement, column_scores, tamed
from watchkeeper.monitors.strata import Strata
from watchkeeper.tallies.tally import FloatArray

OWNER = np.array([0, 0, 0, 1, 1, 1])
ROWS, VARIANCE = np.full((30, 6), 1000.0), np.full(6, 1 / 12)


def blocks(rng: np.random.Generator) -> FloatArray:
    return 0.03 * rng.normal(size=(30, 6))


def test_an_outage_is_unlike_the_others_in_its_own_column_only() -> None:
    means = blocks(np.random.default_rng(0))
    means[11, 3:] += 0.9
    calm, unlike = tamed(means, ROWS, VARIANCE, OWNER)
    assert np.argwhere(unlike).tolist() == [[11, 1]]
    assert np.array_equal(calm[:, :3], means[:, :3])
    assert np.abs(calm[11, 3:]).max() < 0.2


def test_one_outage_does_not_make_outages_ordinary() -> None:
    means = blocks(np.random.default_rng(1))
    clean = Movement.fit(means, ROWS, VARIANCE)
    means[11, 3:] += 0.9
    calm, _ = tamed(means, ROWS, VARIANCE, OWNER)
    ratio = Movement.fit(calm, ROWS, VARIANCE).tau2[3:] / clean.tau2[3:]
    assert ratio.max() < 2
    assert (Movement.fit(means, ROWS, VARIANCE).tau2[3:] / clean.tau2[3:]).min() > 10


def test_a_stream_that_often_moves_far_is_left_as_it_is() -> None:
    rng = np.random.default_rng(2)
    means = np.where(rng.random((30, 1)) < 0.2, 0.8, 0.02) * rng.normal(size=(30, 6))
    calm, unlike = tamed(means, ROWS, VARIANCE, OWNER)
    assert not unlike.any()
    assert np.allclose(calm, means)


def test_strata_take_their_share_of_the_movement_and_of_the_degrees_of_freedom() -> None:
    rng = np.random.default_rng(3)
    labels = np.arange(30) % 3
    means = blocks(rng) + 0.2 * (labels == 1)[:, None]
    uses = np.array([True] * 3 + [False] * 3)
    movement = Movement.fit(means, ROWS, VARIANCE, Strata(labels, 3, 8 * 3600, uses))
    assert np.sqrt(movement.tau2[:3]).max() < 0.05 < np.sqrt(movement.tau2[3:]).min()
    assert (movement.df[:3] < movement.df[3:]).all()
    assert movement.centre(np.array([1]))[0, 0] - movement.centre(np.array([0]))[0, 0] == pytest.approx(0.2, abs=0.05)
    assert np.array_equal(movement.centre(np.array([1]))[0, 3:], movement.centre(np.array([0]))[0, 3:])


def test_a_stratum_that_was_never_seen_is_held_against_all_blocks() -> None:
    means = blocks(np.random.default_rng(4))
    movement = Movement.fit(means, ROWS, VARIANCE, Strata(np.arange(30) % 2, 3, 8 * 3600, np.ones(6, bool)))
    assert movement.centre(np.array([2]))[0] == pytest.approx(means.mean(0))


def test_scores_are_root_mean_squares_per_column() -> None:
    assert column_scores(np.array([[3.0, 0, 0, 1, 1, 1]]), OWNER)[0].tolist() == pytest.approx([np.sqrt(3), 1.0])
