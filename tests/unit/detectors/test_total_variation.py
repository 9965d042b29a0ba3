from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.total_variation import total_variation

LAWS = [[0.125] * 8, [0.3, 0.7], [0.6, 0.2, 0.1, 0.05, 0.03, 0.02], [1 / 3] * 3]


def test_it_is_half_the_summed_differences() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        reference, window = rng.integers(100, 900, 6).astype(float), rng.integers(50, 400, 6).astype(float)
        expected = np.abs(window / window.sum() - reference / reference.sum()).sum() / 2
        assert float(total_variation(Samples(reference, window), Bar()).effect) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("law", LAWS)
def test_under_no_change_it_alarms_at_about_its_level(law: list[float]) -> None:
    rng = np.random.default_rng(1)
    reference, windows = rng.multinomial(10_000, law, 4000), rng.multinomial(800, law, 4000)
    p = total_variation(Samples(reference.astype(float), windows.astype(float)), Bar()).p_value
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.012)
    assert 0.002 <= (p <= 0.01).mean() <= 0.016


def test_the_interval_covers_a_clear_distance() -> None:
    rng = np.random.default_rng(2)
    p, q = np.array([0.25, 0.25, 0.25, 0.25]), np.array([0.4, 0.3, 0.2, 0.1])
    reference, windows = rng.multinomial(10_000, p, 500), rng.multinomial(1000, q, 500)
    result = total_variation(Samples(reference.astype(float), windows.astype(float)), Bar())
    assert ((result.low <= 0.2) & (result.high >= 0.2)).mean() > 0.9


def test_nothing_in_common_is_one_and_one_cell_says_nothing() -> None:
    apart = total_variation(Samples(np.array([500.0, 0.0]), np.array([0.0, 500.0])), Bar())
    assert float(apart.effect) == 1.0
    assert float(apart.p_value) < 1e-12
    for counts in (np.zeros(3), np.array([10.0, 0.0, 0.0])):
        alone = total_variation(Samples(counts, counts), Bar())
        assert float(alone.p_value) == 1.0
        assert np.isfinite(alone.effect)


def test_the_smallest_effect_is_found_about_four_times_in_five() -> None:
    rng = np.random.default_rng(3)
    law = np.array([0.25] * 4)
    bar = Bar(level=0.01, floor=0.02)
    base = rng.multinomial(10_000, law).astype(float)
    smallest = float(total_variation(Samples(base, rng.multinomial(1000, law).astype(float)), bar).smallest)
    moved = law + smallest * np.array([0.5, 0.5, -0.5, -0.5])
    reference, windows = rng.multinomial(10_000, law, 1000), rng.multinomial(1000, moved, 1000)
    result = total_variation(Samples(reference.astype(float), windows.astype(float)), bar)
    assert 0.7 < (result.gated <= 0.01).mean() < 0.97
