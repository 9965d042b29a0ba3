from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from watchkeeper.detectors.rate import newcombe, rate
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Rates


def rates(k: float, n: float, kr: float, m: float) -> Rates:
    return Rates(np.array([k]), np.array([n]), np.array([kr]), np.array([m]))


@given(st.integers(0, 50), st.integers(0, 500))
def test_it_is_twice_scipys_one_sided_fisher_exact(k: int, kr: int) -> None:
    table = [[k, 50 - k], [kr, 500 - kr]]
    side = "greater" if k / 50 > kr / 500 else "less"
    one_sided = stats.fisher_exact(table, alternative=side).pvalue
    mine = float(rate(rates(k, 50, kr, 500), Bar()).p_value[0])
    expected = 1.0 if k / 50 == kr / 500 else min(1.0, 2 * one_sided)
    assert mine == pytest.approx(expected, rel=1e-7, abs=1e-300)


def test_ten_percent_missing_of_a_hundred_is_seen_at_once() -> None:
    result = rate(rates(10, 100, 0, 20_000), Bar(level=1e-5, floor=0.005))
    assert float(result.gated[0]) < 1e-15
    assert result.smallest[0] < 0.1


def test_newcombes_interval_is_the_published_one() -> None:
    low, high = newcombe(rates(56, 70, 48, 80))
    assert float(low[0]) == pytest.approx(0.0524, abs=1e-4)
    assert float(high[0]) == pytest.approx(0.3339, abs=1e-4)


def test_a_harmless_rise_stays_behind_the_gate() -> None:
    result = rate(rates(12_000, 1_000_000, 10_000, 1_000_000), Bar(floor=0.005))
    assert float(result.p_value[0]) < 1e-9
    assert float(result.gated[0]) == 1.0


def test_the_smallest_rate_is_found_four_times_in_five() -> None:
    bar, rng = Bar(level=1e-3, floor=0.005), np.random.default_rng(0)
    smallest = float(rate(rates(0, 500, 200, 20_000), bar).smallest[0])
    hits = rng.binomial(500, 0.01 + smallest, 2000).astype(float)
    many = Rates(hits, np.full(2000, 500.0), np.array(200.0), np.array(20_000.0))
    assert (rate(many, bar).gated <= bar.level).mean() == pytest.approx(0.8, abs=0.1)
