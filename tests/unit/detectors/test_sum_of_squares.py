from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.sum_of_squares import SumOfSquares, spiked_tail
from watchkeeper.reference.square_moments import SquareMoments
from watchkeeper.tallies.tally import FloatArray


def moments(weights: FloatArray) -> SquareMoments:
    first, second, third = (float((weights**k).sum()) for k in (1, 2, 3))
    return SquareMoments(first, second, third, 0.0, 0.0, 0.0, float(weights.max()))


def test_equal_weights_are_a_chi_square_far_into_the_tail() -> None:
    x = stats.chi2.isf(np.array([0.5, 0.05, 1e-3, 1e-6]), 8)
    p = spiked_tail(2 * (x - 8), np.full(4, 64.0), np.full(4, 8 * 8 * 8.0), 2.0)
    np.testing.assert_allclose(p, [0.5, 0.05, 1e-3, 1e-6], rtol=1e-6)


def test_one_heavy_weight_among_light_ones_is_right_where_a_gamma_is_not() -> None:
    def exact(x: float) -> float:
        def above(z: float) -> float:
            return 2 * stats.norm.pdf(z) * stats.chi2.sf(x - 4 * z * z, 6)

        return float(integrate.quad(above, 0, 12, limit=200)[0])

    for x, tolerance in ((18.0, 0.1), (40.0, 1e-6), (60.0, 1e-6)):  # in the middle the gamma law stands alone
        p = spiked_tail(np.array(x - 10.0), np.array(2 * 22.0), np.array(8 * 70.0), 4.0)
        assert p == pytest.approx(exact(x), rel=tolerance)


def test_an_effect_of_the_smallest_size_is_found_four_times_in_five() -> None:
    rng, d, n, m = np.random.default_rng(0), 20, 400.0, 4_000.0
    bar = Bar(level=1e-3, floor=0.02)

    def result(statistic: FloatArray) -> object:
        count = len(statistic)
        rows = np.full(count, n), np.full(count, m)
        return SumOfSquares(statistic, np.full(count, float(d)), *rows, moments(np.ones(d))).result(bar)

    smallest = float(result(np.zeros(1)).smallest[0])  # type: ignore[attr-defined]
    shift = smallest * np.sqrt(n * m / (n + m))
    found = result(((rng.normal(size=(4_000, d)) + shift) ** 2).sum(1))
    assert (found.gated <= 1e-3).mean() == pytest.approx(0.8, abs=0.04)  # type: ignore[attr-defined]
    assert np.mean((found.low <= smallest) & (smallest <= found.high)) > 0.93  # type: ignore[attr-defined]


def test_no_score_says_nothing() -> None:
    one = np.ones(1)
    found = SumOfSquares(0 * one, 0 * one, 100 * one, 100 * one, moments(np.ones(3))).result(Bar())
    assert (found.p_value[0], found.gate[0], found.smallest[0]) == (1.0, 1.0, np.inf)
