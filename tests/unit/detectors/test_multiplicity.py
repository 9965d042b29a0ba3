from __future__ import annotations

import numpy as np
from scipy import stats

from watchkeeper.detectors.multiplicity import benjamini_hochberg, weighted_bonferroni


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
