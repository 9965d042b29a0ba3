from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.hellinger import hellinger
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples


def test_it_is_the_distance_of_the_roots() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        reference, window = rng.integers(100, 900, 6).astype(float), rng.integers(50, 400, 6).astype(float)
        w, r = window / window.sum(), reference / reference.sum()
        expected = np.sqrt(1 - np.sqrt(w * r).sum())
        assert float(hellinger(Samples(reference, window), Bar()).effect) == pytest.approx(expected, abs=1e-7)


def test_nothing_in_common_is_one() -> None:
    result = hellinger(Samples(np.array([500.0, 0.0]), np.array([0.0, 500.0])), Bar())
    assert float(result.effect) == 1.0
    assert float(result.high) == 1.0


def test_under_no_change_it_alarms_at_about_its_level() -> None:
    rng = np.random.default_rng(1)
    reference, windows = rng.multinomial(10_000, [0.125] * 8, 3000), rng.multinomial(500, [0.125] * 8, 3000)
    p = hellinger(Samples(reference.astype(float), windows.astype(float)), Bar()).p_value
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.02)


def test_the_interval_covers_a_clear_distance() -> None:
    rng = np.random.default_rng(2)
    p, q = np.array([0.25, 0.25, 0.25, 0.25]), np.array([0.4, 0.3, 0.2, 0.1])
    truth = np.sqrt(1 - np.sqrt(p * q).sum())
    reference, windows = rng.multinomial(10_000, p, 500), rng.multinomial(1000, q, 500)
    result = hellinger(Samples(reference.astype(float), windows.astype(float)), Bar())
    assert ((result.low <= truth) & (truth <= result.high)).mean() > 0.9
