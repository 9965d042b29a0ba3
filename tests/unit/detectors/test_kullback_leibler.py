from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.kullback_leibler import kullback_leibler
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples


def test_it_is_scipys_relative_entropy_of_window_to_reference() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        reference, window = rng.integers(100, 900, 6).astype(float), rng.integers(50, 400, 6).astype(float)
        expected = stats.entropy(window + 0.5, reference + 0.5)
        assert float(kullback_leibler(Samples(reference, window), Bar()).effect) == pytest.approx(expected, abs=1e-12)


def test_it_is_not_symmetric() -> None:
    a, b = np.array([900.0, 100.0]), np.array([500.0, 500.0])
    there = float(kullback_leibler(Samples(a, b), Bar()).effect)
    assert float(kullback_leibler(Samples(b, a), Bar()).effect) != pytest.approx(there, rel=0.1)


def test_an_empty_cell_is_finite_either_way() -> None:
    a, b = np.array([500.0, 500.0]), np.array([200.0, 0.0])
    for samples in (Samples(a, b), Samples(b, a)):
        assert np.isfinite(kullback_leibler(samples, Bar()).effect)


def test_under_no_change_it_alarms_at_about_its_level() -> None:
    rng = np.random.default_rng(1)
    reference, windows = rng.multinomial(10_000, [0.125] * 8, 3000), rng.multinomial(500, [0.125] * 8, 3000)
    p = kullback_leibler(Samples(reference.astype(float), windows.astype(float)), Bar()).p_value
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.015)


def test_one_cell_or_none_says_nothing() -> None:
    for counts in (np.zeros(3), np.array([10.0, 0.0, 0.0])):
        result = kullback_leibler(Samples(counts, counts), Bar())
        assert float(result.p_value) == 1.0
        assert float(result.effect) == 0.0
