from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.result import Bar, Result


def test_the_bar_is_the_two_sided_normal_quantile() -> None:
    assert Bar(level=0.05).z == pytest.approx(stats.norm.isf(0.025))


def test_a_shift_of_the_smallest_size_passes_both_conditions_four_times_in_five() -> None:
    bar, error = Bar(level=0.001, floor=0.02), 0.01
    smallest = float(bar.smallest_shift(np.array(error)))
    rng = np.random.default_rng(3)
    seen = smallest + error * rng.normal(size=20_000)
    passes = (np.abs(seen / error) >= bar.z) & (stats.norm.sf((seen - bar.floor) / error) <= 0.05)
    assert passes.mean() == pytest.approx(0.8, abs=0.02)


def test_the_gate_silences_a_certain_but_harmless_change() -> None:
    one = np.ones(2)
    result = Result(one, one, one, one, np.array([1e-9, 1e-9]), np.array([0.5, 0.01]), one)
    assert result.gated.tolist() == [1.0, 1e-9]
