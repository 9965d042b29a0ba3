from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.cells import permutation_moments, pooled_cells
from watchkeeper.detectors.samples import Samples


def test_rare_cells_are_joined_and_no_row_is_lost() -> None:
    cells, shape = pooled_cells(
        Samples(np.array([500.0, 480.0, 3.0, 2.0, 15.0]), np.array([50.0, 48.0, 0.0, 1.0, 1.0]))
    )
    assert shape == ()
    assert cells.window.sum() == 100
    assert cells.reference.sum() == 1000
    assert cells.live.tolist() == [2.0]


def test_a_single_cell_has_no_degrees_of_freedom() -> None:
    cells, _ = pooled_cells(Samples(np.array([100.0, 0.0]), np.array([50.0, 0.0])))
    assert cells.df.tolist() == [0.0]


def test_no_rows_at_all_are_no_error() -> None:
    cells, _ = pooled_cells(Samples(np.zeros(3), np.zeros((2, 3))))
    assert cells.live.tolist() == [0.0, 0.0]


def test_the_moments_are_those_of_all_permutations() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), [60, 50, 40, 50])
    reference, window = np.bincount(labels[40:], minlength=4), np.bincount(labels[:40], minlength=4)
    cells, _ = pooled_cells(Samples(reference.astype(float), window.astype(float)))
    mean, variance = permutation_moments(cells)
    statistics = []
    for _ in range(20_000):
        drawn = np.bincount(rng.permutation(labels)[:40], minlength=4)
        expected = np.bincount(labels) * 40 / 200
        statistics.append(((drawn - expected) ** 2 / (expected * 160 / 200)).sum())
    assert float(mean[0]) == pytest.approx(np.mean(statistics), rel=0.03)
    assert float(variance[0]) == pytest.approx(np.var(statistics), rel=0.08)
