"""Prediction bias of each task."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.bias import bias_by_probability, biases, prediction_bias
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.pairs import Pairs


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


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_the_bias_of_blocks_agrees_with_their_rows(task: str) -> None:
    bounds = np.array([0, 300, 300, 301, 1000])
    if task == "binary":
        scores, truth = labelled.binary_data(n=1000)
        pairs, difference = labelled.binary_pairs(scores, truth), scores - truth
        layout = layout_for("binary", ("0", "1"))
    else:
        predicted, numbers = labelled.regression_data(n=1000)
        pairs, difference = labelled.regression_pairs(predicted, numbers), predicted - numbers
        layout = layout_for("regression", (), pairs)
    found = biases(layout, np.stack([tally.counts for tally in layout.tally_groups(pairs, bounds)]))
    assert found is not None
    mean, rows, variance = found
    assert rows.tolist() == [300, 0, 1, 699]
    assert mean[[0, 3]] == pytest.approx([difference[:300].mean(), difference[301:].mean()], rel=1e-5, abs=1e-6)
    assert variance[[0, 3]] == pytest.approx([difference[:300].var(ddof=1), difference[301:].var(ddof=1)], rel=1e-3)
    assert np.isnan(mean[1])


def test_only_scores_and_numbers_have_a_difference_to_the_truth() -> None:
    assert biases(layout_for("multiclass", tuple("abc")), np.zeros((1, 1), np.int64)) is None
    layout = layout_for("binary", ("0", "1"))
    ones = np.ones(20, np.int64)
    silent = Pairs(task="binary", classes=("0", "1"), weight=256 * ones, truth=ones, predicted=ones)
    found = biases(layout, layout.tally(silent).counts[None])
    assert found is not None
    assert np.isnan(found[0]).all()
    assert found[1].tolist() == [0.0]
