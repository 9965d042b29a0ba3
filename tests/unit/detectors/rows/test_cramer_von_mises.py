"""The answer is scipy's; with blocks it is a permutation's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.rows.cramer_von_mises import cramer_von_mises


@pytest.mark.parametrize("decimals", [8, 0])
def test_statistic_and_p_value_are_scipys(decimals: int) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=60).round(decimals), rng.normal(0.4, 1, size=40).round(decimals)
    found, expected = cramer_von_mises(x, y, rng), stats.cramervonmises_2samp(y, x)
    assert found.statistic == pytest.approx(float(expected.statistic))
    assert found.p_value == pytest.approx(float(expected.pvalue))
    assert (found.n, found.m, found.permutations) == (40, 60, 0)


def test_single_rows_as_blocks_come_near_the_theory() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=60), rng.normal(0.4, 1, size=40)
    found = cramer_von_mises(x, y, rng, blocks=(range(60), range(40)), permutations=400)
    assert found.permutations == 400
    assert found.p_value == pytest.approx(cramer_von_mises(x, y, rng).p_value, abs=0.05)
