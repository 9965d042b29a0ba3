"""Reference rows weighted to stand for a window's."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.performance.shift_weights import shift_weights


def rows(rng: np.random.Generator, n: int, mean: float) -> pa.Table:
    return pa.table({"x": rng.normal(mean, 1, n), "noise": rng.normal(0, 1, n)})


def test_weighted_rows_have_the_mean_of_the_window() -> None:
    rng = np.random.default_rng(0)
    reference = rows(rng, 6000, 0.0)
    found = shift_weights(reference, rows(rng, 3000, 0.7))
    assert found.fault == ""
    assert found.weight.mean() == pytest.approx(1.0)
    assert (found.weight * reference["x"].to_numpy()).mean() == pytest.approx(0.7, abs=0.12)
    assert (found.weight * reference["noise"].to_numpy()).mean() == pytest.approx(0.0, abs=0.08)


def test_rows_alike_keep_their_worth() -> None:
    rng = np.random.default_rng(0)
    assert shift_weights(rows(rng, 5000, 0.0), rows(rng, 5000, 0.0)).effective > 4500


@pytest.mark.parametrize("mean", [3.0, 20.0])
def test_rows_that_the_reference_lacks_are_refused(mean: float) -> None:
    rng = np.random.default_rng(0)
    assert shift_weights(rows(rng, 5000, 0.0), rows(rng, 2000, mean)).fault


def test_too_few_rows_are_refused() -> None:
    rng = np.random.default_rng(0)
    assert "too few" in shift_weights(rows(rng, 150, 0.0), rows(rng, 150, 0.0)).fault
