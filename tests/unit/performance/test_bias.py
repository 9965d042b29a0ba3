"""Prediction bias of each task."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.bias import bias_by_probability, prediction_bias
from watchkeeper.performance.layout import layout_for


def test_means_less_what_came_true() -> None:
    scores, truth = labelled.binary_data()
    binary = layout_for("binary", ("0", "1"))
    counts = binary.tally(labelled.binary_pairs(scores, truth)).counts
    assert prediction_bias(binary, counts)["bias"].value == pytest.approx(scores.mean() - truth.mean(), abs=1e-6)
    assert bias_by_probability(binary, counts).rows.sum() == len(truth)
    predicted, numbers = labelled.regression_data()
    pairs = labelled.regression_pairs(predicted, numbers)
    regression = layout_for("regression", (), pairs)
    found = prediction_bias(regression, regression.tally(pairs).counts)["bias"]
    assert found.value == pytest.approx((predicted - numbers).mean(), abs=1e-4)


def test_shares_of_classes() -> None:
    probabilities, truth = labelled.multiclass_data()
    layout = layout_for("multiclass", tuple("abcd"))
    found = prediction_bias(layout, layout.tally(labelled.multiclass_pairs(probabilities, truth)).counts)
    said = np.bincount(probabilities.argmax(1), minlength=4) - np.bincount(truth, minlength=4)
    assert [found[name].value for name in "abcd"] == pytest.approx(said / len(truth))
    half = (found["a"].high or 0.0) - (found["a"].value or 0.0)
    step = (probabilities.argmax(1) == 0) * 1.0 - (truth == 0)
    assert half == pytest.approx(1.96 * step.std() / np.sqrt(len(truth)), rel=1e-3)


def test_nothing_and_the_wrong_task() -> None:
    layout = layout_for("multiclass", tuple("ab"))
    assert prediction_bias(layout, np.zeros(layout.size, np.int64))["a"].value is None
    with pytest.raises(BadInput, match="ranking model predicts nothing"):
        prediction_bias(layout_for("ranking"), np.zeros(layout_for("ranking").size, np.int64))
