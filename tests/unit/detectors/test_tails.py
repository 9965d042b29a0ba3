from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from watchkeeper.detectors.tails import (
    fisher_tail,
    fisher_two_sided,
    gamma_tail,
    noncentrality_interval,
    pearson3_tail,
    smallest_noncentrality,
    smallest_rate,
)


def at(value: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([float(value)])


@given(st.integers(0, 60), st.integers(0, 60), st.integers(60, 400), st.integers(60, 4000))
def test_fishers_tail_is_scipys_to_ten_digits(k: int, kr: int, n: int, m: int) -> None:
    mine = float(fisher_tail(at(k), at(kr), at(n), at(m))[0])
    exact = float(stats.hypergeom.sf(k - 1, n + m, k + kr, n))
    above = k > 0 and k * m > kr * n
    assert mine == pytest.approx(exact, rel=1e-8, abs=1e-300) if above else mine == 1.0


def test_fishers_tail_is_never_too_small_when_the_sum_is_cut() -> None:
    exact = float(stats.hypergeom.sf(5200 - 1, 20_000, 10_000, 10_000))
    assert exact <= float(fisher_tail(at(5200), at(4800), at(10_000), at(10_000))[0]) <= exact * 1.5


def test_two_sided_sees_both_directions_alike() -> None:
    more = float(fisher_two_sided(at(40), at(100), at(100), at(1000))[0])
    fewer = float(fisher_two_sided(at(60), at(900), at(100), at(1000))[0])
    assert more == pytest.approx(fewer, rel=1e-9)


def test_pearson3_is_normal_without_skewness_and_a_gamma_with() -> None:
    assert float(pearson3_tail(at(3.0), at(0.0))[0]) == pytest.approx(stats.norm.sf(3.0))
    for skewness in (-1.5, -0.3, 0.3, 1.5):
        assert float(pearson3_tail(at(2.0), at(skewness))[0]) == pytest.approx(
            stats.pearson3.sf(2.0, skewness), rel=1e-6
        )


def test_the_gamma_tail_of_chi_square_moments_is_chi_square() -> None:
    assert float(gamma_tail(at(20.0), at(8.0), at(16.0))[0]) == pytest.approx(stats.chi2.sf(20.0, 8))
    assert float(gamma_tail(at(0.0), at(0.0), at(0.0))[0]) == 1.0


def test_the_smallest_noncentrality_gives_eighty_percent_power() -> None:
    for df in (1.0, 5.0, 11.0, 60.0):
        for level in (0.05, 1e-3, 1e-5):
            size = float(smallest_noncentrality(at(df), level)[0])
            power = stats.ncx2.sf(special.chdtri(df, level), df, size)
            assert power == pytest.approx(0.8, abs=0.05)


def test_the_interval_of_a_noncentrality_covers_it() -> None:
    rng = np.random.default_rng(5)
    for df, size in ((5, 20.0), (11, 60.0), (11, 300.0)):
        x = stats.ncx2.rvs(df, size, size=4000, random_state=rng)
        low, high = noncentrality_interval(x, np.full(4000, float(df)))
        assert ((low <= size) & (size <= high)).mean() > 0.9


def test_the_smallest_rate_gives_eighty_percent_power() -> None:
    for rate, n in ((0.001, 200), (0.05, 1000), (0.3, 500)):
        shown = float(smallest_rate(at(rate), at(n), 1e-3)[0])
        critical = int(stats.binom.isf(1e-3, n, rate)) + 1
        assert stats.binom.sf(critical - 1, n, shown) == pytest.approx(0.8, abs=0.02)


def test_a_rate_that_no_count_could_show_is_one() -> None:
    assert float(smallest_rate(at(0.5), at(3), 1e-6)[0]) == 1.0
