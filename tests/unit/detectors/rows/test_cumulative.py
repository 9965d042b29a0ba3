"""Squared gaps against scipy's statistics."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.rows.cumulative import anderson_darling_squares, squared_gaps


def sample(decimals: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=40).round(decimals), rng.normal(0.3, 1.5, size=25).round(decimals)


def dealt(n: int, m: int) -> np.ndarray:
    return np.concatenate([np.ones(n, bool), np.zeros(m, bool)])[:, None]


def test_without_ties_it_is_scipys_cramer_von_mises() -> None:
    x, y = sample(8)
    found = squared_gaps(np.concatenate([x, y]), dealt(40, 25))
    assert found[0] == pytest.approx(stats.cramervonmises_2samp(x, y).statistic)


@pytest.mark.parametrize("decimals", [8, 0])
def test_it_is_scipys_anderson_darling_up_to_its_standardisation(decimals: int) -> None:
    """scipy reports (A^2 - 1) / sd, sd a function of the two sizes alone: one sample gives it, the other checks it."""
    rng = np.random.default_rng(1)
    pairs = [sample(decimals), (rng.normal(size=40).round(decimals), rng.normal(1, 1, size=25).round(decimals))]
    ratios = []
    for x, y in pairs:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = stats.anderson_ksamp([x, y]).statistic
        ratios.append((anderson_darling_squares(np.concatenate([x, y]), dealt(40, 25))[0] - 1) / expected)
    assert ratios[0] == pytest.approx(ratios[1], rel=1e-9)


def test_deals_are_independent_of_each_other() -> None:
    rng = np.random.default_rng(2)
    values, deals = rng.integers(0, 9, 30).astype(float), rng.random((30, 5)) < 0.4
    for function in (squared_gaps, anderson_darling_squares):
        one_by_one = [function(values, deals[:, [column]])[0] for column in range(5)]
        np.testing.assert_allclose(function(values, deals), one_by_one)
