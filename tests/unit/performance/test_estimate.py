"""Estimates hold where scores mean what they meant, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.performance.simulated import binary, blocks, layout_of, multiclass
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.estimate import NO_BLOCKS, estimator
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.said_counts import said_counts


def test_intervals_hold_the_truth_where_only_the_inputs_moved() -> None:
    rng = np.random.default_rng(0)
    reference = binary(rng, 20_000)
    layout = layout_of(reference)
    learned = estimator(layout, *blocks(layout, reference))
    assert learned is not None
    assert learned.blocks == 20
    held: dict[str, list[bool]] = {}
    for _ in range(60):
        window = binary(rng, 1000, shift=0.5)
        real = metrics(layout, layout.tally(window).counts)
        for name, guess in learned.metrics(said_counts(layout, window)).items():
            truth = real[name].value
            assert guess.estimated
            assert guess.low is not None
            assert guess.high is not None
            assert truth is not None
            held.setdefault(name, []).append(guess.low <= truth <= guess.high)
    assert {"accuracy", "precision", "recall", "roc_auc", "log_loss", "brier"} <= held.keys()
    for name, some in held.items():
        assert np.mean(some) >= 0.85, name


def test_many_classes_are_estimated_too() -> None:
    rng = np.random.default_rng(0)
    reference, window = multiclass(rng, 20_000), multiclass(rng, 4000, sharpness=0.8)
    layout = layout_of(reference)
    learned = estimator(layout, *blocks(layout, reference))
    assert learned is not None
    real, guess = metrics(layout, layout.tally(window).counts), learned.metrics(said_counts(layout, window))
    for name in ("accuracy", "f1_macro", "roc_auc_macro", "log_loss", "brier", "recall[a]"):
        assert guess[name].value == pytest.approx(real[name].value, abs=0.035), name
        assert real[name].value != pytest.approx(metrics(layout, layout.tally(reference).counts)[name].value, abs=0.02)


def test_a_changed_meaning_is_not_seen() -> None:
    """Concept drift: the scores are as ever, the labels are turned. The estimate says that all is well."""
    rng = np.random.default_rng(0)
    reference, window = binary(rng, 20_000), binary(rng, 2000, turned=True)
    layout = layout_of(reference)
    learned = estimator(layout, *blocks(layout, reference))
    assert learned is not None
    guess = learned.metrics(said_counts(layout, window))["accuracy"]
    assert guess.low is not None
    real = metrics(layout, layout.tally(window).counts)["accuracy"].value
    assert guess.low > 0.65
    assert real is not None
    assert real < 0.4


def test_blocks_that_differ_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    calm, restless = binary(rng, 20_000), binary(rng, 20_000)
    layout = layout_of(calm)
    assert restless.truth is not None
    for start in range(0, 20_000, 2000):  # every other block has a tenth of its labels turned
        part = slice(start, start + 1000)
        restless.truth[part] = np.where(rng.random(1000) < 0.1, 1 - restless.truth[part], restless.truth[part])
    widths = []
    for reference in (calm, restless):
        learned = estimator(layout, *blocks(layout, reference))
        assert learned is not None
        found = learned.metrics(said_counts(layout, calm.take(slice(0, 1000))))["accuracy"]
        assert found.high is not None
        assert found.low is not None
        widths.append(found.high - found.low)
    assert widths[1] > 1.3 * widths[0]


def test_without_blocks_the_interval_says_what_it_lacks() -> None:
    reference = binary(np.random.default_rng(0), 2000)
    layout = layout_of(reference)
    learned = estimator(layout, *blocks(layout, reference, 4))
    assert learned is not None
    assert learned.metrics(said_counts(layout, reference))["accuracy"].note == NO_BLOCKS


def test_nothing_is_learned_from_nothing() -> None:
    layout = layout_for("binary", ("a", "b"))
    assert estimator(layout, np.zeros((3, layout.size), np.int64)) is None
    regression = layout_for("regression")
    with pytest.raises(BadInput):
        estimator(regression, np.zeros((3, regression.size), np.int64))
