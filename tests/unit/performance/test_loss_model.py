"""The loss that rows lead one to expect."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import Ridge

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.estimate import NO_BLOCKS
from watchkeeper.performance.loss_model import RIDGE, loss_model
from watchkeeper.tallies.tally import FloatArray

BOUNDS = np.arange(0, 8001, 400)


def regression(rng: np.random.Generator, n: int, width: float) -> tuple[pa.Table, FloatArray]:
    """Errors that are larger far from zero and in two of four groups."""
    x, group = rng.normal(0, width, n), rng.integers(0, 4, n)
    error = rng.normal(0, 1 + np.abs(x) / 2 + 0.5 * (group > 1))
    return pa.table({"x": x, "group": [f"g{k}" for k in group], "prediction": x}), np.abs(error)


def test_intervals_hold_the_mean_loss_of_rows_that_moved() -> None:
    rng = np.random.default_rng(0)
    model = loss_model(*regression(rng, 8000, 1.0), BOUNDS)
    held = []
    for width in np.linspace(0.6, 1.2, 30):
        rows, loss = regression(rng, 600, width)
        found = model.mean(rows)
        assert found.low is not None
        assert found.high is not None
        held.append(found.low <= loss.mean() <= found.high)
    assert np.mean(held) >= 0.8
    low, high = (model.mean(regression(rng, 4000, width)[0]).value or 0.0 for width in (0.6, 1.2))
    assert high > low + 0.1


def test_the_weights_are_ridge_regression() -> None:
    table, loss = regression(np.random.default_rng(0), 2000, 1.0)
    model = loss_model(table, loss)
    design = model.cells.design(table).toarray()[:, 1:]
    right = Ridge(alpha=RIDGE).fit(design, loss)
    np.testing.assert_allclose(model.cells.design(table) @ model.weights, right.predict(design), atol=1e-6)


def test_without_blocks_the_interval_says_what_it_lacks() -> None:
    table, loss = regression(np.random.default_rng(0), 500, 1.0)
    assert loss_model(table, loss, [0, 250, 500]).mean(table).note == NO_BLOCKS
    assert loss_model(table, loss).mean(table.slice(0, 0)).value is None


def test_rows_and_losses_must_go_together() -> None:
    with pytest.raises(BadInput):
        loss_model(pa.table({"x": [1.0]}), np.zeros(2))
