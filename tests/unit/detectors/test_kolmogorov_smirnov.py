from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.kolmogorov_smirnov import kolmogorov_smirnov
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples


def test_it_is_scipys_ks_on_binned_values() -> None:
    rng = np.random.default_rng(0)
    reference, window = rng.integers(0, 60, 2000), np.clip(rng.integers(0, 60, 400) + 4, 0, 59)
    both = [np.bincount(v, minlength=60).astype(float) for v in (reference, window)]
    result = kolmogorov_smirnov(Samples(both[0], both[1]), Bar())
    scipy = stats.ks_2samp(window, reference, method="asymp")
    assert float(result.effect) == pytest.approx(scipy.statistic, abs=1e-12)
    assert np.log10(float(result.p_value)) == pytest.approx(np.log10(scipy.pvalue), abs=0.3)


def test_bins_of_a_128th_understate_the_gap_by_at_most_that() -> None:
    rng = np.random.default_rng(1)
    reference, window = rng.normal(size=20_000), rng.normal(0.3, 1.1, 2000)
    edges = np.concatenate([[-np.inf], np.quantile(reference, np.arange(1, 128) / 128), [np.inf]])
    both = [np.histogram(v, edges)[0].astype(float) for v in (reference, window)]
    exact = stats.ks_2samp(window, reference).statistic
    assert exact - 1 / 128 <= float(kolmogorov_smirnov(Samples(both[0], both[1]), Bar()).effect) <= exact + 1e-12


def test_it_is_symmetric() -> None:
    a, b = np.array([5.0, 1.0, 9.0]), np.array([50.0, 30.0, 20.0])
    one, other = kolmogorov_smirnov(Samples(a, b), Bar()), kolmogorov_smirnov(Samples(b, a), Bar())
    assert float(one.effect) == float(other.effect)
    assert float(one.p_value) == float(other.p_value)
