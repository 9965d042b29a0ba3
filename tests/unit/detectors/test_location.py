from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.location import location
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples


def counts(
    values: np.ndarray[tuple[int], np.dtype[np.int64]], bins: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.bincount(values, minlength=bins).astype(float)


def test_it_is_scipys_mann_whitney_on_binned_values() -> None:
    rng = np.random.default_rng(0)
    reference, window = rng.integers(0, 20, 800), np.minimum(rng.integers(0, 20, 150) + rng.integers(0, 3, 150), 19)
    result = location(Samples(counts(reference, 20), counts(window, 20)), Bar())
    scipy = stats.mannwhitneyu(window, reference, use_continuity=False, method="asymptotic")
    assert float(result.effect) == pytest.approx(scipy.statistic / (800 * 150) - 0.5, abs=1e-12)
    assert float(result.p_value) == pytest.approx(scipy.pvalue, rel=0.02)


def test_the_interval_covers_the_true_effect() -> None:
    rng = np.random.default_rng(1)
    edges = np.linspace(-5, 6, 200)
    truth = stats.norm.cdf(0.5 / np.sqrt(2)) - 0.5
    covered = 0
    for _ in range(300):
        r, _ = np.histogram(rng.normal(size=1000), edges)
        w, _ = np.histogram(rng.normal(0.5, size=100), edges)
        result = location(Samples(r.astype(float), w.astype(float)), Bar())
        covered += bool(result.low <= truth <= result.high)
    assert covered / 300 > 0.9


def test_the_smallest_effect_is_found_four_times_in_five() -> None:
    rng, bar = np.random.default_rng(2), Bar(level=0.001, floor=0.01)
    edges = np.linspace(-6, 6, 300)
    reference = np.histogram(rng.normal(size=200_000), edges)[0].astype(float)
    smallest = float(
        location(Samples(reference, np.histogram(rng.normal(size=300), edges)[0].astype(float)), bar).smallest
    )
    shift = stats.norm.ppf(0.5 + smallest) * np.sqrt(2)
    windows = np.array([np.histogram(rng.normal(shift, size=300), edges)[0] for _ in range(400)]).astype(float)
    assert (location(Samples(reference, windows), bar).gated <= bar.level).mean() == pytest.approx(0.8, abs=0.07)
