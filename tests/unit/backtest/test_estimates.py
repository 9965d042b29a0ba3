"""What would have been estimated of each window, without its labels."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.histories import A_DAY, DAYS, history
from watchkeeper.backtest.answers import labelled
from watchkeeper.backtest.estimates import Estimators, estimators
from watchkeeper.backtest.history import read_history
from watchkeeper.backtest.outputs import named_rows, read_outputs
from watchkeeper.backtest.plan import Plan
from watchkeeper.backtest.replay import compile_history
from watchkeeper.backtest.truth import Truth, measure
from watchkeeper.performance.estimate import CONFIDENCE
from watchkeeper.performance.loss_estimate import LOSS_MODEL
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.weighted_estimate import WEIGHTED

UNTIL = 40 * 86_400.0
SCORED = Plan(time="at", until=UNTIL, scores=("score",), label="truth", ignore=("said",))
Windows = list[dict[str, dict[str, Metric]]]


def estimated(table: pa.Table, plan: Plan) -> tuple[Windows, Estimators, Truth]:
    """The estimates of every window, who made them, and what labels showed."""
    read = read_history(table, plan)
    outputs = read_outputs(read, plan)
    known, reference = labelled(read, outputs, plan), compile_history(read, outputs, plan)
    assert known is not None
    found = estimators(known, read, outputs, plan, reference)
    tallies = reference.binning.tally_groups(
        named_rows(read, outputs).slice(read.bounds[0]), read.bounds - read.bounds[0]
    )
    windows = [found.estimate(place, tally.counts) for place, tally in enumerate(tallies)]
    return windows, found, measure(read, known, plan)


def test_scores_are_estimated_twice_beside_what_labels_showed() -> None:
    windows, found, truth = estimated(history(), SCORED)
    assert list(windows[0]) == [CONFIDENCE, WEIGHTED]
    for guess in windows[0].values():
        assert {"error", "accuracy", "roc_auc", "brier"} <= guess.keys() & truth.realised[0].keys()
        assert next(iter(guess)) == "error"
        assert guess["error"].estimated
        assert guess["error"].n == A_DAY
        assert guess["error"].value == pytest.approx(1 - (guess["accuracy"].value or 0.0))
    assert found.usual["error"] == pytest.approx(float(truth.ordinary.mean.mean()), abs=1e-6)


def test_labels_of_windows_change_no_estimate() -> None:
    """An estimate would be worth nothing if it had seen what it guesses."""
    table, rows = history(), 40 * A_DAY
    known = np.asarray(table["truth"])
    other = np.concatenate([known[:rows], 1 - known[rows:]])
    turned = table.set_column(table.column_names.index("truth"), "truth", pa.array(other))
    (a, _, realised), (b, _, otherwise) = estimated(table, SCORED), estimated(turned, SCORED)
    assert a == b
    assert realised.realised != otherwise.realised


def test_decisions_alone_are_estimated_from_features() -> None:
    plan = Plan(time="at", until=UNTIL, prediction="said", label="truth", ignore=("score",))
    windows, found, _ = estimated(history(), plan)
    assert list(windows[3]) == [LOSS_MODEL]
    assert windows[3][LOSS_MODEL]["error"].value == pytest.approx(found.usual["error"], abs=0.15)


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
    plan = Plan(time="at", until=UNTIL, prediction="said", label="truth", task="regression")
    windows, _, truth = estimated(table, plan)
    assert list(windows[0]) == [LOSS_MODEL]
    hits = [
        window[LOSS_MODEL]["mae"].low <= real["mae"].value <= window[LOSS_MODEL]["mae"].high  # type: ignore[operator]
        for window, real in zip(windows, truth.realised, strict=True)
    ]
    assert np.mean(hits) > 0.85
    assert {"mae", "rmse", "absolute error"} <= windows[0][LOSS_MODEL].keys()


def test_a_window_without_answers_has_no_estimate() -> None:
    table = history()
    lost = np.arange(len(table)) // A_DAY == 45
    score = pa.array(np.asarray(table["score"]), mask=lost)
    windows, _, _ = estimated(table.set_column(table.column_names.index("score"), "score", score), SCORED)
    assert windows[5] == {}
    assert windows[4] != {}
