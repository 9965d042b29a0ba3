"""Estimates that survive a move of inputs which the scores do not show."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.performance.celled import cells_of, profile_of
from tests.unit.performance.simulated import binary_of, blocks, layout_of, sigmoid, with_blind_spot
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.estimate import Estimator, estimator
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.performance.weighted_estimate import WeightedEstimator


def plain_of(reference: Pairs) -> Estimator:
    layout = layout_of(reference)
    plain = estimator(layout, *blocks(layout, reference))
    assert plain is not None
    return plain


def weighted(features: pa.Table, reference: Pairs, rows: pa.Table, window: Pairs) -> dict[str, Metric]:
    cells = cells_of(features)
    found = WeightedEstimator(cells, features, reference, plain_of(reference))
    return found.metrics(profile_of(cells, rows)[0], said_counts(layout_of(reference), window))


def test_weights_see_what_scores_do_not() -> None:
    rng = np.random.default_rng(0)
    features, reference = with_blind_spot(rng, 12_000, 0.0)
    rows, window = with_blind_spot(rng, 6000, 1.0)
    layout = layout_of(reference)
    real = metrics(layout, layout.tally(window).counts)["accuracy"]
    blind = plain_of(reference).metrics(said_counts(layout, window))["accuracy"]
    found = weighted(features, reference, rows, window)["accuracy"]
    assert real.value is not None
    assert blind.value is not None
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert abs(found.value - real.value) < 0.7 * abs(blind.value - real.value)
    assert found.low <= real.value <= found.high
    assert found.estimated


def test_labels_picked_by_chance_keep_their_weights() -> None:
    """Errors picked four times as readily: weighted back, they say what all rows said."""
    rng = np.random.default_rng(0)
    features, reference = with_blind_spot(rng, 20_000, 0.0)
    chance = np.where(np.asarray(reference.predicted) == reference.truth, 0.2, 0.8)
    picked = rng.random(len(reference)) < chance
    some = reference.take(picked)
    some = Pairs(
        some.task, some.classes, np.rint(256 / chance[picked]).astype(np.int64),
        truth=some.truth, predicted=some.predicted, scores=some.scores,
    )  # fmt: skip
    rows, window = with_blind_spot(rng, 4000, 0.0)
    found = weighted(features.filter(pa.array(picked)), some, rows, window)["accuracy"].value
    assert found == pytest.approx(np.mean(np.asarray(window.predicted) == window.truth), abs=0.02)


def test_rows_unlike_any_are_refused_with_the_reason() -> None:
    rng = np.random.default_rng(0)
    found = weighted(*with_blind_spot(rng, 4000, 0.0), *with_blind_spot(rng, 2000, 9.0))
    assert found["accuracy"].value is None
    assert "labelled rows" in found["accuracy"].note


def test_rows_and_pairs_must_go_together() -> None:
    features, reference = with_blind_spot(np.random.default_rng(0), 400, 0.0)
    with pytest.raises(BadInput, match="400"):
        WeightedEstimator(cells_of(features), features.slice(1), reference, plain_of(reference))


def test_inputs_that_moved_together_only_are_refused_for_what_the_scores_show() -> None:
    """Neither input moves by itself; the score, which knows both, does."""
    rng = np.random.default_rng(0)

    def rows(n: int, together: float) -> tuple[pa.Table, Pairs]:
        a = rng.normal(0, 1, n)
        b = together * a + np.sqrt(1 - together**2) * rng.normal(0, 1, n)
        score = sigmoid(3 * (a + b))
        table = pa.table({"a": a, "b": b, "output.probability": score})
        return table, binary_of(score, (rng.random(n) < score).astype(np.int64))

    reference, alike = rows(12_000, 0.0), rows(3000, 0.0)
    assert weighted(*reference, *alike)["accuracy"].value is not None
    found = weighted(*reference, *rows(3000, -0.9))["accuracy"]
    assert found.value is None
    assert "outputs" in found.note
