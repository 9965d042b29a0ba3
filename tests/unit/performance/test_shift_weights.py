"""Labelled rows weighted to stand for a window's, from its tally."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.performance.celled import cells_of, profile_of
from watchkeeper.performance import shift_weights
from watchkeeper.performance.shift_weights import RIDGE, Raking, ShiftWeights
from watchkeeper.tallies.tally import FloatArray


def rows(rng: np.random.Generator, n: int, mean: float) -> pa.Table:
    return pa.table({"x": rng.normal(mean, 1, n), "noise": rng.normal(0, 1, n)})


def weighted(reference: pa.Table, window: pa.Table, base: FloatArray | None = None) -> ShiftWeights:
    cells = cells_of(reference)
    raking = Raking(cells.design(reference), np.ones(reference.num_rows) if base is None else base)
    return raking.weights(*profile_of(cells, window))


def test_weighted_rows_have_the_means_of_the_window() -> None:
    rng = np.random.default_rng(0)
    reference = rows(rng, 6000, 0.0)
    found = weighted(reference, rows(rng, 3000, 0.7))
    assert found.fault == ""
    assert found.weight.mean() == pytest.approx(1.0)
    assert (found.weight * reference["x"].to_numpy()).mean() == pytest.approx(0.7, abs=0.06)
    assert (found.weight * reference["noise"].to_numpy()).mean() == pytest.approx(0.0, abs=0.06)


def test_weights_are_exp_of_terms_whose_margins_lack_what_the_ridge_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stationary point of the dual: each margin lacks the ridge times its own term."""
    monkeypatch.setattr(shift_weights, "PRECISION", 1e-9)
    rng = np.random.default_rng(0)
    reference, base = rows(rng, 3000, 0.0), rng.uniform(0.5, 2, 3000)
    cells = cells_of(reference)
    design = cells.design(reference)
    profile, n = profile_of(cells, rows(rng, 2000, 0.4))
    raking = Raking(design, base)
    weight = raking.weights(profile, n).weight / 3000
    ridge = RIDGE / min(raking.worth, n)
    terms = (profile - design.T @ weight) / ridge
    tilted = base * np.exp(design @ terms)
    np.testing.assert_allclose(weight, tilted / tilted.sum(), rtol=1e-4)


def test_rows_alike_keep_their_worth_and_their_weights() -> None:
    rng = np.random.default_rng(0)
    reference, window = rows(rng, 5000, 0.0), rows(rng, 5000, 0.0)
    assert weighted(reference, window).effective > 4500
    base = rng.uniform(0.2, 2, 5000)
    found = weighted(reference, window, base)
    assert np.corrcoef(found.weight, base)[0, 1] > 0.95
    assert found.effective == pytest.approx(base.sum() ** 2 / (base**2).sum(), rel=0.1)


@pytest.mark.parametrize("mean", [3.0, 20.0])
def test_rows_that_the_reference_lacks_are_refused(mean: float) -> None:
    rng = np.random.default_rng(0)
    assert weighted(rows(rng, 5000, 0.0), rows(rng, 2000, mean)).fault


def test_too_few_rows_are_refused() -> None:
    rng = np.random.default_rng(0)
    assert "too few" in weighted(rows(rng, 150, 0.0), rows(rng, 150, 0.0)).fault
