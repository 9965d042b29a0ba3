"""MMD against its definition, and its p-value under no change."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from watchkeeper.detectors.rows.mmd import mmd
from watchkeeper.events.errors import BadInput


def test_it_is_the_unbiased_estimate_of_the_paper() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(25, 3)), rng.normal(0.5, 1, size=(20, 3))

    def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.exp(-cdist(a, b, "sqeuclidean") / (2 * 1.5**2))

    xx, yy = kernel(x, x), kernel(y, y)
    expected = (xx.sum() - 25) / (25 * 24) + (yy.sum() - 20) / (20 * 19) - 2 * kernel(x, y).mean()
    found = mmd(x, y, rng, permutations=1, bandwidth=1.5, standardise=False)
    assert found.statistic == pytest.approx(expected)


def test_the_level_holds_when_nothing_changed() -> None:
    rng = np.random.default_rng(1)
    p = [mmd(rng.normal(size=(25, 3)), rng.normal(size=(15, 3)), rng, permutations=39).p_value or 0 for _ in range(200)]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.1


def test_it_sees_a_change_of_dependence_with_the_same_marginals() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 2))
    one = rng.normal(size=300)
    y = np.column_stack([one, 0.8 * one + 0.6 * rng.normal(size=300)])
    assert (mmd(x, y, rng, permutations=100).p_value or 1) < 0.05


def test_the_bandwidth_is_reported_and_checked() -> None:
    rng = np.random.default_rng(3)
    assert mmd([1.0, 2, 3], [1.0, 2, 4], rng, permutations=1, bandwidth=2.0).note == "bandwidth 2"
    with pytest.raises(BadInput, match="bandwidth"):
        mmd([1.0, 2], [1.0, 3], rng, bandwidth=0.0)
