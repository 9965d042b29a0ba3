"""Energy distance against scipy's, in one dimension, and by loops in several."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import cdist

from watchkeeper.detectors.rows.energy_distance import energy_distance


def test_in_one_dimension_it_is_the_square_of_scipys() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=80), rng.normal(0.4, 2, size=50)
    found = energy_distance(x, y, rng, permutations=1, standardise=False).statistic
    assert found == pytest.approx(stats.energy_distance(x, y) ** 2, rel=1e-9)


def test_in_several_it_is_the_definition() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(30, 4)), rng.normal(0.4, 2, size=(20, 4))
    expected = 2 * cdist(x, y).mean() - cdist(x, x).mean() - cdist(y, y).mean()
    assert energy_distance(x, y, rng, permutations=1, standardise=False).statistic == pytest.approx(expected)


def test_a_column_of_huge_unit_does_not_drown_the_others() -> None:
    rng = np.random.default_rng(2)
    x = np.column_stack([rng.normal(size=150), rng.normal(0, 1e6, 150)])
    y = np.column_stack([rng.normal(1, 1, 150), rng.normal(0, 1e6, 150)])
    assert (energy_distance(x, y, rng).p_value or 1) < 0.01
    assert (energy_distance(x, y, rng, standardise=False).p_value or 0) > 0.05
