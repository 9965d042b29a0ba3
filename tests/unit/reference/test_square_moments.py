from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.reference.square_moments import SquareMoments


def test_traces_are_those_of_the_covariance_and_few_rows_do_not_widen_them() -> None:
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(6, 6)) / 2
    covariance = mix @ mix.T
    many = SquareMoments.of(rng.normal(size=(100_000, 6)) @ mix.T)
    assert many.trace == pytest.approx(np.trace(covariance), rel=0.02)
    assert many.trace_of_square == pytest.approx(np.trace(covariance @ covariance), rel=0.03)
    assert many.trace_of_cube == pytest.approx(np.trace(covariance @ covariance @ covariance), rel=0.04)
    assert many.largest == pytest.approx(np.linalg.eigvalsh(covariance)[-1], rel=0.03)
    wide = SquareMoments.of(rng.normal(size=(500, 400)))  # the plain trace of the squared sample covariance is 720
    assert wide.trace_of_square == pytest.approx(400, rel=0.05)
    assert wide.trace_of_cube == pytest.approx(400, rel=0.15)


@pytest.mark.parametrize("share", [(0.5, 0.3, 0.2), (0.9, 0.07, 0.03)])
def test_for_the_scores_of_chi_square_the_cumulants_are_haldanes(share: tuple[float, ...]) -> None:
    p, n = np.array(share), 50
    scores = (np.eye(3) - p) / np.sqrt(p)
    rows = np.repeat(scores, np.rint(p * 20_000).astype(int), 0)
    rows = rows[np.random.default_rng(1).permutation(len(rows))]
    second, third = SquareMoments.of(rows).cumulants(np.array(float(n)), np.array(1e12))
    inverse, j = float((1 / p).sum()), len(p)
    assert second == pytest.approx(2 * (j - 1) + (inverse - j * j - 2 * j + 2) / n, rel=0.02)
    assert third == pytest.approx(8 * (j - 1) + (22 * inverse - 2 * (9 * j * j + 18 * j - 16)) / n, rel=0.05)


def test_the_same_rows_give_the_same_bits_in_any_order() -> None:
    rows = np.random.default_rng(2).normal(size=(1_000, 5))
    assert SquareMoments.of(rows) == SquareMoments.of(rows[::-1].copy())
