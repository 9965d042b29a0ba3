"""The answer is scipy's; with blocks it is a permutation's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.rows.epps_singleton import epps_singleton


@pytest.mark.parametrize("decimals", [8, 0])
def test_statistic_and_p_value_are_scipys(decimals: int) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=60).round(decimals), rng.normal(0.4, 1, size=40).round(decimals)
    found, expected = epps_singleton(x, y, rng), stats.epps_singleton_2samp(y, x)
    assert found.statistic == pytest.approx(float(expected.statistic))
    assert found.p_value == pytest.approx(float(expected.pvalue))
    assert (found.n, found.m, found.permutations) == (40, 60, 0)


def test_single_rows_as_blocks_come_near_the_theory() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=60), rng.normal(0.4, 1, size=40)
    found = epps_singleton(x, y, rng, blocks=(range(60), range(40)), permutations=400)
    assert found.permutations == 400
    assert found.p_value == pytest.approx(epps_singleton(x, y, rng).p_value, abs=0.05)


def test_it_says_where_it_cannot_be_computed() -> None:
    rng = np.random.default_rng(2)
    few = epps_singleton([1.0, 2, 3], [1.0, 2, 4, 5, 6], rng)
    assert few.p_value is None
    assert "fewer than 5" in few.note
    mostly_zero = np.array([0.0] * 20 + [1.0, 2.0])
    assert not epps_singleton(mostly_zero, mostly_zero, rng).computable
