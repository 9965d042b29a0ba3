"""The loss that a window's tally leads one to expect."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import Ridge

from tests.unit.performance.celled import cells_of, profile_of
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
    table, loss = regression(rng, 8000, 1.0)
    cells = cells_of(table)
    model, held = loss_model(cells, table, loss, np.ones(8000), BOUNDS), []
    for width in np.linspace(0.6, 1.2, 30):
        rows, real = regression(rng, 600, width)
        found = model.mean(*profile_of(cells, rows))
        assert found.low is not None
        assert found.high is not None
        held.append(found.low <= real.mean() <= found.high)
    assert np.mean(held) >= 0.8
    low, high = (model.mean(*profile_of(cells, regression(rng, 4000, width)[0])).value or 0.0 for width in (0.6, 1.2))
    assert high > low + 0.1


def test_the_weights_are_ridge_regression_and_the_mean_is_that_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    table, loss = regression(rng, 2000, 1.0)
    weight = rng.uniform(0.5, 2, 2000)
    cells = cells_of(table)
    model = loss_model(cells, table, loss, weight)
    design = cells.design(table)
    worth = weight * weight.sum() / (weight**2).sum()
    right = Ridge(alpha=RIDGE).fit(design.toarray()[:, 1:], loss, sample_weight=worth)
    np.testing.assert_allclose(design @ model.weights, right.predict(design.toarray()[:, 1:]), atol=1e-6)
    assert model.mean(*profile_of(cells, table)).value == pytest.approx(float((design @ model.weights).mean()))


def test_what_lies_beyond_the_reference_is_as_at_its_rim_and_less_sure() -> None:
    table, loss = regression(np.random.default_rng(0), 4000, 1.0)
    cells = cells_of(table)
    model = loss_model(cells, table, loss, np.ones(4000))
    rim = pa.table({"x": [table["x"].to_numpy().max()], "group": ["g0"], "prediction": [0.0]})
    beyond = pa.table({"x": [50.0], "group": ["g0"], "prediction": [0.0]})
    at, out = (model.mean(*profile_of(cells, one)) for one in (rim, beyond))
    assert out.value == pytest.approx(at.value)
    assert (out.high or 0.0) > (at.high or 0.0)


def test_rows_count_by_their_weights() -> None:
    """Large losses picked twice as readily weigh half as much."""
    rng = np.random.default_rng(0)
    table, loss = regression(rng, 20_000, 1.0)
    chance = np.where(loss > 1, 0.8, 0.4)
    picked = rng.random(20_000) < chance
    some = table.filter(pa.array(picked))
    cells = cells_of(table)
    model = loss_model(cells, some, loss[picked], 1 / chance[picked])
    assert model.mean(*profile_of(cells, table)).value == pytest.approx(loss.mean(), abs=0.02)


def test_without_blocks_the_interval_says_what_it_lacks() -> None:
    table, loss = regression(np.random.default_rng(0), 500, 1.0)
    cells = cells_of(table)
    model = loss_model(cells, table, loss, np.ones(500), [0, 250, 500])
    assert model.mean(*profile_of(cells, table)).note == NO_BLOCKS
    assert model.mean(*profile_of(cells, table.slice(0, 0))).value is None


def test_rows_and_losses_must_go_together() -> None:
    table = pa.table({"x": [1.0]})
    with pytest.raises(BadInput):
        loss_model(cells_of(table), table, np.zeros(2), np.ones(2))
