from __future__ import annotations

import numpy as np
from scipy import stats

from watchkeeper.detectors.multiplicity import benjamini_hochberg, harmonic_mean, surely, weighted_bonferroni


def test_the_weighted_bonferroni_p_is_the_smallest_share() -> None:
    p = np.array([[0.01, 0.2], [0.5, 0.001]])
    assert weighted_bonferroni(p, np.array([0.5, 0.5])).tolist() == [0.02, 0.002]
    assert weighted_bonferroni(np.array([[0.9, 0.0]]), np.array([1.0, 0.0])).tolist() == [0.9]


def test_it_is_scipys_benjamini_hochberg() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        p = rng.beta(0.3, 1, 12)
        mine = benjamini_hochberg(p[None], 0.1)[0]
        assert np.array_equal(mine, stats.false_discovery_control(p) <= 0.1)


def test_a_column_that_cannot_be_judged_neither_counts_nor_alarms() -> None:
    rejected = benjamini_hochberg(np.array([[0.04, np.nan, np.nan]]), 0.05)
    assert rejected.tolist() == [[True, False, False]]


def test_importance_moves_the_budget() -> None:
    p = np.array([[0.03, 0.9]])
    assert not benjamini_hochberg(p, 0.05).any()
    assert benjamini_hochberg(p, 0.05, np.array([3.0, 1.0]))[0, 0]


def test_nothing_rejected_is_nothing_rejected() -> None:
    assert not benjamini_hochberg(np.ones((2, 4)), 0.05).any()


def test_the_harmonic_mean_is_never_above_bonferroni_and_below_it_where_two_are_small() -> None:
    p, weights = np.array([[0.001, 1.0], [0.002, 0.002], [1.0, 1.0]]), np.array([0.5, 0.5])
    mean = harmonic_mean(p, weights)
    assert (mean <= weighted_bonferroni(p, weights)).all()
    np.testing.assert_allclose(mean, [1 / 500.5, 0.002, 1.0])


def test_the_mean_of_independent_p_values_is_as_often_small_as_it_says() -> None:
    p = np.random.default_rng(1).random((400_000, 20))
    weights = np.full(p.shape, 0.05)
    plain = harmonic_mean(p, weights)
    sure = surely(plain, weights)
    for level in (0.05, 0.01, 1 / 720):
        assert (sure <= level).mean() <= level * 1.02 + 3 * np.sqrt(level / 400_000)
        assert (sure <= level).mean() >= level * 0.8
    assert (plain <= 0.05).mean() > 0.055
