"""Metrics to be expected where there are no scores."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.performance.celled import cells_of, profile_of
from watchkeeper.performance.loss_estimate import loss_estimator
from watchkeeper.performance.pairs import Pairs

N, BOUNDS = 8000, np.arange(0, 8001, 400)
RNG = np.random.default_rng(0)
X = RNG.normal(0, 1, N)


def test_a_regression_has_its_errors() -> None:
    truth = X + RNG.normal(0, 1 + (X > 0))
    table = pa.table({"x": X, "output.prediction": X})
    pairs = Pairs.of("regression", (), table.select(["output.prediction"]), pa.array(truth))
    cells = cells_of(table)
    found = loss_estimator(cells, table, pairs, BOUNDS).metrics(*profile_of(cells, table.filter(pa.array(X > 0))))
    assert list(found) == ["mae", "rmse"]
    assert found["mae"].value == pytest.approx(2 * np.sqrt(2 / np.pi), rel=0.05)
    assert found["rmse"].value == pytest.approx(2.0, rel=0.05)
    assert found["rmse"].estimated


def test_a_classifier_without_scores_has_its_accuracy_within_0_and_1() -> None:
    said = X > 0
    truth = said ^ (RNG.random(N) < np.where(X > 1, 0.0, 0.3))
    names = np.array(["no", "yes"])
    table = pa.table({"x": X, "output.label": names[said * 1]})
    pairs = Pairs.of("binary", ("no", "yes"), table.select(["output.label"]), pa.array(names[truth * 1]))
    cells = cells_of(table)
    learned = loss_estimator(cells, table, pairs, BOUNDS)
    found = [learned.metrics(*profile_of(cells, table.filter(pa.array(part))))["accuracy"] for part in (X < 0, X > 1.5)]
    assert found[0].value == pytest.approx(0.7, abs=0.02)
    assert found[1].value == pytest.approx(1.0, abs=0.02)
    assert found[1].high == 1.0
