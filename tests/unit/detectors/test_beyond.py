from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.beyond import beyond
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Rates


def test_it_is_the_beta_binomial_law_of_rows_outside_the_range() -> None:
    n, m = 200, 3000
    for k in (1, 2, 5, 9):
        result = beyond(Rates(np.array([float(k)]), np.array([float(n)]), np.array([0.0]), np.array([float(m)])), Bar())
        assert float(result.p_value[0]) == pytest.approx(
            stats.betabinom.pmf(np.arange(k, n + 1), n, 2, m - 1).sum(), rel=1e-8
        )


def test_new_extremes_of_the_same_law_alarm_at_their_level() -> None:
    rng = np.random.default_rng(0)
    hits = []
    for _ in range(3000):
        reference, window = rng.normal(size=300), rng.normal(size=100)
        hits.append(((window < reference.min()) | (window > reference.max())).sum())
    p = beyond(Rates(np.array(hits, float), np.array(100.0), np.array(0.0), np.array(300.0)), Bar()).p_value
    assert (p <= 0.05).mean() <= 0.055


def test_fewer_outside_is_no_alarm() -> None:
    result = beyond(Rates(np.array([0.0]), np.array([1000.0]), np.array([500.0]), np.array([1000.0])), Bar())
    assert float(result.p_value[0]) == 1.0
