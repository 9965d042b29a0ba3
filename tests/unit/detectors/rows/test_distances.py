"""Sums over pairs, against loops."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import distance

from watchkeeper.detectors.rows.distances import median_square, pair_sums, squared_distances


def test_squared_distances_are_scipys_far_from_zero_too() -> None:
    rows = np.random.default_rng(0).normal(1e6, 1, (40, 5))
    expected = distance.squareform(distance.pdist(rows, "sqeuclidean"))
    np.testing.assert_allclose(squared_distances(rows), expected, rtol=1e-9, atol=1e-8)


def test_sums_over_pairs() -> None:
    rng = np.random.default_rng(1)
    matrix = squared_distances(rng.normal(size=(12, 2)))
    deals = rng.random((12, 4)) < 0.5
    sums = pair_sums(matrix, deals)
    for column in range(4):
        ours, theirs = deals[:, column], ~deals[:, column]
        assert sums.window[column] == pytest.approx(matrix[np.ix_(ours, ours)].sum())
        assert sums.reference[column] == pytest.approx(matrix[np.ix_(theirs, theirs)].sum())
        assert sums.between[column] == pytest.approx(matrix[np.ix_(ours, theirs)].sum())
        assert (sums.n[column], sums.m[column]) == (ours.sum(), theirs.sum())


def test_the_median_of_squares() -> None:
    rows = np.random.default_rng(2).normal(size=(30, 3))
    assert median_square(rows) == pytest.approx(np.median(distance.pdist(rows, "sqeuclidean")))
    mostly_one = np.zeros((30, 1))
    mostly_one[0] = 3.0
    assert median_square(mostly_one) == pytest.approx(9.0)
    assert median_square(np.zeros((5, 1))) == 1.0
