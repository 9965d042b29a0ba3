"""What is counted of a regression."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.performance.regression import RegressionLayout


def test_both_sides_of_the_error() -> None:
    layout = RegressionLayout()
    counts = layout.tally(labelled.regression_pairs(np.array([3.0, 1.0]), np.array([1.0, 1.5]))).counts
    assert [float(part) for part in layout.sides(counts)] == [2.0, 0.5, 4.0, 0.25]


def test_far_and_zero_rows_are_marked() -> None:
    layout = RegressionLayout()
    pairs = labelled.regression_pairs(np.array([1.0, 500.0, 1e9]), np.array([0.0, 1.0, 1e-9]))
    counts = layout.tally(pairs).counts
    found = {name: layout.cells.part(counts, name)[0] for name in ("zero_truth", "clipped", "clipped_relative")}
    assert found == {"zero_truth": 1, "clipped": 2, "clipped_relative": 2}


@pytest.mark.parametrize("factor", [1e-9, 1.0, 1e9])
def test_the_scale_follows_the_data(factor: float) -> None:
    predicted, truth = (values * factor for values in labelled.regression_data())
    pairs = labelled.regression_pairs(predicted, truth)
    layout = RegressionLayout.fit(pairs)
    over, under, _, _ = layout.sides(layout.tally(pairs).counts)
    assert (over + under) / len(pairs) == pytest.approx(np.abs(predicted - truth).mean(), rel=1e-5)


def test_perfect_predictions_have_a_scale() -> None:
    pairs = labelled.regression_pairs(np.arange(5.0), np.arange(5.0))
    layout = RegressionLayout.fit(pairs)
    assert layout.error.scale == layout.truth.scale


def test_the_histogram_holds_every_row() -> None:
    layout = RegressionLayout(error_scale=0.5)
    edges, rows = layout.error_bins(layout.tally(labelled.regression_pairs(*labelled.regression_data())).counts)
    assert rows.sum() == 2000
    assert edges[-1] == 256
