"""Estimates that survive a move of inputs which the scores do not show."""

from __future__ import annotations

import numpy as np

from tests.unit.performance.simulated import blocks, layout_of, with_blind_spot
from watchkeeper.performance.estimate import estimator
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.performance.weighted_estimate import WeightedEstimator


def test_weights_see_what_scores_do_not() -> None:
    rng = np.random.default_rng(0)
    features, reference = with_blind_spot(rng, 12_000, 0.0)
    layout = layout_of(reference)
    plain = estimator(layout, *blocks(layout, reference))
    assert plain is not None
    weighted = WeightedEstimator(layout, features, reference, plain)
    rows, window = with_blind_spot(rng, 6000, 1.0)
    real = metrics(layout, layout.tally(window).counts)["accuracy"].value
    blind = plain.metrics(said_counts(layout, window))["accuracy"].value
    found = weighted.metrics(rows, window)["accuracy"]
    assert real is not None
    assert blind is not None
    assert found.value is not None
    assert abs(found.value - real) < 0.7 * abs(blind - real)
    assert found.estimated


def test_rows_unlike_any_are_refused_with_the_reason() -> None:
    rng = np.random.default_rng(0)
    features, reference = with_blind_spot(rng, 4000, 0.0)
    layout = layout_of(reference)
    plain = estimator(layout, *blocks(layout, reference))
    assert plain is not None
    found = WeightedEstimator(layout, features, reference, plain).metrics(*with_blind_spot(rng, 2000, 9.0))
    assert found["accuracy"].value is None
    assert "reference" in found["accuracy"].note
