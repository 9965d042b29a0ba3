from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.chi_square import chi_square
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples

REFERENCE, WINDOW = np.array([500.0, 300.0, 200.0]), np.array([60.0, 25.0, 15.0])


def test_it_is_scipys_chi_square_of_the_two_by_j_table() -> None:
    result = chi_square(Samples(REFERENCE, WINDOW), Bar())
    scipy = stats.chi2_contingency(np.array([WINDOW, REFERENCE]), correction=False)
    assert float(result.statistic) == pytest.approx(scipy.statistic, rel=1e-9)
    assert float(result.p_value) == pytest.approx(scipy.pvalue, rel=0.05)


def test_its_effect_is_cohens_w() -> None:
    result = chi_square(Samples(REFERENCE, WINDOW), Bar())
    assert float(result.effect) == pytest.approx(np.sqrt(float(result.statistic) / (1000 * 100 / 1100)))


def test_no_change_alarms_at_its_level() -> None:
    rng = np.random.default_rng(0)
    share = 1 / np.arange(1, 31)
    share /= share.sum()
    reference, windows = rng.multinomial(5000, share).astype(float), rng.multinomial(200, share, 4000).astype(float)
    p = chi_square(Samples(reference, windows), Bar()).p_value
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.03)
    assert (p <= 0.001).mean() <= 0.004


def test_the_gate_holds_back_what_is_certain_and_small() -> None:
    million = np.array([500_000.0, 500_000.0])
    moved = chi_square(Samples(million, np.array([505_000.0, 495_000.0])), Bar(floor=0.04))
    assert float(moved.p_value) < 1e-9
    assert float(moved.gate) > 0.05


def test_one_level_says_nothing() -> None:
    result = chi_square(Samples(np.array([100.0]), np.array([50.0])), Bar())
    assert float(result.p_value) == 1.0
    assert float(result.effect) == 0.0
