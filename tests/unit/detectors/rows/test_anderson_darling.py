"""Anderson-Darling: near scipy's table where that speaks, and beyond where it is cut."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.rows.anderson_darling import anderson_darling


def test_the_p_value_is_near_scipys_table() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=120), rng.normal(0.3, 1.3, size=80)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = stats.anderson_ksamp([x, y]).pvalue
    assert 0.002 < expected < 0.24
    assert anderson_darling(x, y, rng).p_value == pytest.approx(expected, abs=0.03)


def test_it_sees_tails_that_the_middle_hides() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=1000)
    y = np.where(rng.random(600) < 0.05, rng.normal(0, 8, 600), rng.normal(size=600))
    assert (anderson_darling(x, y, rng, permutations=199).statistic or 0) > 0
    assert (anderson_darling(x, 3 * y, rng, permutations=199).p_value or 1) == pytest.approx(1 / 200)
