from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.wasserstein import wasserstein

POSITIONS = np.linspace(-5, 5, 81)


def counts(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    nearest = np.clip(np.rint((values + 5) / 0.125), 0, 80).astype(int)
    return np.bincount(nearest, minlength=81).astype(float)


def test_it_is_scipys_distance_in_reference_standard_deviations() -> None:
    rng = np.random.default_rng(0)
    r, w = counts(rng.normal(size=3000)), counts(rng.normal(0.4, 1.3, 500))
    sd = np.sqrt(np.average(POSITIONS**2, weights=r) - np.average(POSITIONS, weights=r) ** 2)
    exact = stats.wasserstein_distance(POSITIONS, POSITIONS, w, r) / sd
    assert float(wasserstein(Samples(r, w, POSITIONS), Bar()).effect) == pytest.approx(exact, rel=1e-9)


def test_under_no_change_its_p_values_are_about_uniform() -> None:
    rng = np.random.default_rng(1)
    pairs = [(counts(rng.normal(size=2000)), counts(rng.normal(size=200))) for _ in range(600)]
    p = np.array([float(wasserstein(Samples(r, w, POSITIONS), Bar()).p_value) for r, w in pairs])
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.025)
    assert (p <= 0.5).mean() == pytest.approx(0.5, abs=0.07)


def test_the_interval_covers_a_clear_distance() -> None:
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(200):
        samples = Samples(counts(rng.normal(size=5000)), counts(rng.normal(1.0, 1, 300)), POSITIONS)
        result = wasserstein(samples, Bar())
        covered += bool(result.low <= 1.0 <= result.high)
    assert covered / 200 > 0.9


def test_a_tiny_scale_does_not_matter() -> None:
    r, w = np.array([50.0, 50.0, 0.0]), np.array([0.0, 50.0, 50.0])
    wide = wasserstein(Samples(r, w, np.array([0.0, 1.0, 2.0])), Bar())
    tiny = wasserstein(Samples(r, w, np.array([0.0, 1e-9, 2e-9])), Bar())
    assert float(wide.effect) == pytest.approx(float(tiny.effect))


def test_a_constant_reference_is_measured_in_steps() -> None:
    result = wasserstein(Samples(np.array([50.0, 0.0]), np.array([0.0, 50.0]), np.array([1.0, 2.0])), Bar())
    assert float(result.effect) == pytest.approx(1.0)


def test_it_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match="position"):
        wasserstein(Samples(np.ones(2), np.ones(2)), Bar())
