"""What would have been estimated of each window, without its labels."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.histories import A_DAY, DAYS, history
from watchkeeper.backtest.estimates import FROM_FEATURES, FROM_SCORES
from watchkeeper.backtest.history import read_history
from watchkeeper.backtest.outputs import read_outputs
from watchkeeper.backtest.plan import Plan
from watchkeeper.backtest.truth import Truth, measure

UNTIL = 40 * 86_400.0
SCORED = Plan(time="at", until=UNTIL, scores=("score",), label="truth", ignore=("said",))


def truth(table: pa.Table, plan: Plan) -> Truth:
    read = read_history(table, plan)
    found = measure(read, read_outputs(read, plan), plan)
    assert found is not None
    return found


def test_scores_are_estimated_beside_what_labels_showed() -> None:
    found = truth(history(), SCORED)
    assert found.estimator == FROM_SCORES
    guess, real = found.estimated[0], found.realised[0]
    assert {"error", "accuracy", "roc_auc", "brier"} <= guess.keys() & real.keys()
    assert guess["error"].estimated
    assert guess["error"].n == A_DAY
    assert guess["error"].value == pytest.approx(1 - (guess["accuracy"].value or 0.0))
    assert found.usual["error"] == pytest.approx(float(found.ordinary.mean.mean()), abs=1e-6)


def test_labels_of_windows_change_no_estimate() -> None:
    """An estimate would be worth nothing if it had seen what it guesses."""
    table, rows = history(), 40 * A_DAY
    known = np.asarray(table["truth"])
    other = np.concatenate([known[:rows], 1 - known[rows:]])
    turned = table.set_column(table.column_names.index("truth"), "truth", pa.array(other))
    a, b = truth(table, SCORED), truth(turned, SCORED)
    assert a.estimated == b.estimated
    assert a.realised != b.realised


def test_decisions_alone_are_estimated_from_features() -> None:
    found = truth(history(), Plan(time="at", until=UNTIL, prediction="said", label="truth", ignore=("score",)))
    assert found.estimator == FROM_FEATURES
    assert found.estimated[3]["error"].value == pytest.approx(found.usual["error"], abs=0.15)


def test_a_regression_is_estimated_from_features() -> None:
    rng = np.random.default_rng(0)
    n = A_DAY * DAYS
    width = 1.0 + (np.arange(n) % A_DAY >= A_DAY // 2)
    x = width * 10
    said = rng.normal(0, 5, n)
    table = pa.table(
        {
            "at": np.arange(n) * (86_400 / A_DAY),
            "x": x,
            "said": said,
            "truth": said + rng.normal(0, width),
        }
    )
    found = truth(table, Plan(time="at", until=UNTIL, prediction="said", label="truth", task="regression"))
    assert found.estimator == FROM_FEATURES
    hits = [
        window["mae"].low <= real["mae"].value <= window["mae"].high  # type: ignore[operator]
        for window, real in zip(found.estimated, found.realised, strict=True)
    ]
    assert np.mean(hits) > 0.85
    assert {"mae", "rmse", "absolute error"} <= found.estimated[0].keys()
