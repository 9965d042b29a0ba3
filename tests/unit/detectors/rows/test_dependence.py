from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from watchkeeper.detectors.rows.dependence import (
    MOST_PAIRS,
    DependenceShift,
    decided,
    dependence_shift,
    normal_scores,
    pairs_of,
)
from watchkeeper.tallies.tally import FloatArray

OWNER = np.arange(4)


def rows(rng: np.random.Generator, n: int, correlation: float) -> FloatArray:
    covariance = np.eye(4)
    covariance[0, 1] = covariance[1, 0] = correlation
    values = rng.multivariate_normal(np.zeros(4), covariance, n)
    return np.stack([special.ndtri((stats.rankdata(column) - 0.5) / n) for column in values.T], 1)


def shifted(before: FloatArray, now: FloatArray) -> DependenceShift:
    found = dependence_shift(before, now, OWNER, 1e-3)
    assert found is not None
    return found


def test_two_columns_that_part_are_found_and_named() -> None:
    rng = np.random.default_rng(0)
    found = shifted(rows(rng, 5_000, 0.6), rows(rng, 1_000, 0.2))
    assert decided(found, 1e-3)
    assert found.pair == (0, 1)
    assert found.before == pytest.approx(0.6, abs=0.05)
    assert found.now == pytest.approx(0.2, abs=0.08)
    part = found.deciding
    assert part.low[0] <= -0.4 <= part.high[0]


def test_a_change_of_columns_alone_is_none() -> None:
    rng = np.random.default_rng(1)
    before, now = rows(rng, 5_000, 0.6), 3 * rows(rng, 1_000, 0.6) + 7
    assert not decided(shifted(before, now), 1e-3)


def test_no_change_is_found_as_often_as_promised() -> None:
    rng = np.random.default_rng(2)
    before = rows(rng, 4_000, 0.5)
    p = np.array([float(shifted(before, rows(rng, 400, 0.5)).surest.p_value[0]) for _ in range(60)])
    assert (p <= 0.05).sum() <= 7  # half of 0.05 of 60 is 1.5
    assert (p <= 0.001).sum() <= 1


def test_a_harmless_change_is_silent_however_many_rows() -> None:
    rng = np.random.default_rng(3)
    found = shifted(rows(rng, 200_000, 0.5), rows(rng, 200_000, 0.53))
    assert found.surest.p_value[0] < 1e-3
    assert not decided(found, 1e-3)


def test_few_rows_or_one_column_are_not_compared() -> None:
    some = rows(np.random.default_rng(4), 300, 0.0)
    assert dependence_shift(some, some[:100], OWNER, 1e-3) is None
    assert dependence_shift(some, some, np.zeros(4, int), 1e-3) is None
    assert dependence_shift(some * 0, some * 0, OWNER, 1e-3) is None


def test_pairs_are_of_different_columns_and_not_too_many() -> None:
    first, second = pairs_of(np.array([0, 0, 1]))
    assert list(zip(first, second, strict=True)) == [(0, 2), (1, 2)]
    assert len(pairs_of(np.arange(200))[0]) == MOST_PAIRS


def test_scores_are_van_der_waerdens_and_a_missing_value_is_neutral() -> None:
    cells = np.array([0, 1, 2, 3, 9])
    np.testing.assert_allclose(normal_scores(cells, 4)[:4], special.ndtri((np.arange(4) + 0.5) / 4))
    assert normal_scores(cells, 4)[4] == 0
