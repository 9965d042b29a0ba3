from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.g_test import g_test
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples


def test_it_is_scipys_likelihood_ratio() -> None:
    reference, window = np.array([500.0, 300.0, 200.0]), np.array([60.0, 25.0, 15.0])
    result = g_test(Samples(reference, window), Bar())
    scipy = stats.chi2_contingency(np.array([window, reference]), correction=False, lambda_="log-likelihood")
    assert float(result.statistic) == pytest.approx(scipy.statistic, rel=1e-9)
    assert float(result.p_value) == pytest.approx(scipy.pvalue, rel=0.1)


def test_williams_makes_it_more_careful() -> None:
    reference, window = np.array([30.0, 20.0, 50.0]), np.array([20.0, 5.0, 10.0])
    scipy = stats.chi2_contingency(np.array([window, reference]), correction=False, lambda_="log-likelihood")
    assert float(g_test(Samples(reference, window), Bar()).p_value) > scipy.pvalue
