"""The answer is scipy's; with blocks it is a permutation's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.rows.mann_whitney import mann_whitney


@pytest.mark.parametrize("decimals", [8, 0])
def test_statistic_and_p_value_are_scipys(decimals: int) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=60).round(decimals), rng.normal(0.4, 1, size=40).round(decimals)
    found, expected = mann_whitney(x, y, rng), stats.mannwhitneyu(y, x)
    assert found.statistic == pytest.approx(float(expected.statistic))
    assert found.p_value == pytest.approx(float(expected.pvalue))
    assert (found.n, found.m, found.permutations) == (40, 60, 0)


def test_single_rows_as_blocks_come_near_the_theory() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=60), rng.normal(0.4, 1, size=40)
    found = mann_whitney(x, y, rng, blocks=(range(60), range(40)), permutations=400)
    assert found.permutations == 400
    assert found.p_value == pytest.approx(mann_whitney(x, y, rng).p_value, abs=0.05)


def test_the_note_tells_the_size() -> None:
    found = mann_whitney([1.0, 2, 3, 4], [10.0, 11, 12], np.random.default_rng(0))
    assert found.note == "a window's value is the larger with chance 1.000"
    assert found.statistic == 12
