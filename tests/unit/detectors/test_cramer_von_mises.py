from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.cramer_von_mises import cramer_von_mises
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples


def one_value_a_bin(reference: np.ndarray, window: np.ndarray) -> Samples:
    order = np.concatenate([reference, window]).argsort()
    of_window = (order >= len(reference)).astype(float)
    return Samples(1 - of_window, of_window)


def test_with_one_value_a_bin_it_is_scipys() -> None:
    rng = np.random.default_rng(0)
    for shift in (0.0, 0.2, 0.4):
        reference, window = rng.normal(size=150), rng.normal(shift, 1, 100)
        found = cramer_von_mises(one_value_a_bin(reference, window), Bar())
        expected = stats.cramervonmises_2samp(window, reference)
        assert float(found.statistic) == pytest.approx(expected.statistic, rel=1e-9)
        assert float(found.p_value) == pytest.approx(expected.pvalue, abs=0.01)


@pytest.mark.parametrize("law", [[1 / 12] * 12, [0.3, 0.7], [1 / 64] * 64, [0.6, 0.2, 0.1, 0.05, 0.03, 0.02]])
def test_under_no_change_it_alarms_at_about_its_level(law: list[float]) -> None:
    rng = np.random.default_rng(1)
    reference, windows = rng.multinomial(10_000, law, 3000), rng.multinomial(500, law, 3000)
    p = cramer_von_mises(Samples(reference.astype(float), windows.astype(float)), Bar()).p_value
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.015)


def test_the_interval_covers_a_clear_gap() -> None:
    rng = np.random.default_rng(2)
    p, q = np.array([0.25, 0.25, 0.25, 0.25]), np.array([0.4, 0.3, 0.2, 0.1])
    pooled = (10_000 * p + 1000 * q) / 11_000
    truth = np.sqrt((pooled * (np.cumsum(q) - np.cumsum(p)) ** 2).sum())
    reference, windows = rng.multinomial(10_000, p, 500), rng.multinomial(1000, q, 500)
    result = cramer_von_mises(Samples(reference.astype(float), windows.astype(float)), Bar())
    assert ((result.low <= truth) & (truth <= result.high)).mean() > 0.9


def test_one_bin_or_none_says_nothing_and_batches_broadcast() -> None:
    for counts in (np.zeros(3), np.array([10.0, 0.0, 0.0])):
        result = cramer_von_mises(Samples(counts, counts), Bar())
        assert float(result.p_value) == 1.0
        assert np.isfinite(result.low)
    many = cramer_von_mises(Samples(np.ones((3, 5)), np.ones((2, 3, 5))), Bar())
    assert many.effect.shape == many.p_value.shape == many.smallest.shape == (2, 3)


def test_the_smallest_effect_is_found_about_four_times_in_five() -> None:
    rng = np.random.default_rng(3)
    law, bar = np.array([0.125] * 8), Bar(level=0.01, floor=0.01)
    samples = Samples(rng.multinomial(10_000, law).astype(float), rng.multinomial(1000, law).astype(float))
    smallest = float(cramer_von_mises(samples, bar).smallest)
    tilt = np.linspace(1, -1, 8)
    unit = np.sqrt((law * np.cumsum(tilt) ** 2).sum())
    windows = rng.multinomial(1000, law + tilt * smallest / unit, 1000)
    references = rng.multinomial(10_000, law, 1000)
    result = cramer_von_mises(Samples(references.astype(float), windows.astype(float)), bar)
    assert 0.7 < (result.gated <= 0.01).mean() < 0.97
