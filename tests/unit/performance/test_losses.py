"""The main loss of each block beside the rows themselves."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.performance.layout import Layout, layout_for
from watchkeeper.performance.losses import losses
from watchkeeper.performance.pairs import Pairs
from watchkeeper.tallies.tally import FloatArray

BOUNDS = np.array([0, 300, 300, 301, 1000])


def cases() -> list[tuple[Layout, Pairs, FloatArray]]:
    scores, truth = labelled.binary_data(n=1000)
    probabilities, classes = labelled.multiclass_data(n=1000)
    predicted, numbers = labelled.regression_data(n=1000)
    rewards = np.random.default_rng(0).normal(size=1000)
    regression = labelled.regression_pairs(predicted, numbers)
    return [
        (layout_for("binary", ("0", "1")), labelled.binary_pairs(scores, truth), ((scores > 0.5) != truth) * 1.0),
        (
            layout_for("multiclass", tuple("abcd")),
            labelled.multiclass_pairs(probabilities, classes),
            (probabilities.argmax(1) != classes) * 1.0,
        ),
        (layout_for("regression", (), regression), regression, np.abs(predicted - numbers)),
        (layout_for("reward"), labelled.reward_pairs(rewards), -rewards),
    ]


@pytest.mark.parametrize(("layout", "pairs", "loss"), cases(), ids=lambda one: getattr(one, "kind", ""))
def test_blocks_agree_with_their_rows(layout: Layout, pairs: Pairs, loss: FloatArray) -> None:
    counts = np.stack([tally.counts for tally in layout.tally_groups(pairs, BOUNDS)])
    mean, rows, variance = losses(layout, counts)
    assert rows.tolist() == [300, 0, 1, 699]
    assert mean[[0, 3]] == pytest.approx([loss[:300].mean(), loss[301:].mean()], rel=1e-5)
    assert variance[[0, 3]] == pytest.approx([loss[:300].var(ddof=1), loss[301:].var(ddof=1)], rel=1e-3)
    assert np.isnan(mean[1])
    assert np.isnan(variance[1:3]).all()


def test_rankings_lose_what_their_gain_lacks() -> None:
    pairs, _, _ = labelled.ranking_pairs()
    layout = layout_for("ranking")
    mean, rows, variance = losses(layout, layout.tally(pairs).counts[None])
    assert rows.tolist() == [54]
    assert 0 < mean[0] < 1
    assert 0 < variance[0] < 0.25


def test_weighted_rows_count_for_what_they_tell() -> None:
    scores, truth = labelled.binary_data(n=200)
    weights = np.where(truth == 1, 1.0, 10.0)
    layout = layout_for("binary", ("0", "1"))
    counts = layout.tally(labelled.binary_pairs(scores, truth, weights=weights)).counts
    mean, rows, _ = losses(layout, counts[None])
    wrong = (scores > 0.5) != truth
    assert mean[0] == pytest.approx(np.average(wrong, weights=weights))
    assert rows[0] == pytest.approx(weights.sum() ** 2 / (weights**2).sum())


def test_errors_beyond_what_squares_can_hold_have_a_mean_and_no_variance() -> None:
    predicted, numbers = labelled.regression_data(n=500)
    pairs = labelled.regression_pairs(1e200 * predicted, 1e200 * numbers)
    layout = layout_for("regression", (), pairs)
    mean, rows, variance = losses(layout, layout.tally(pairs).counts[None])
    assert mean[0] == pytest.approx(1e200 * np.abs(predicted - numbers).mean(), rel=1e-3)
    assert rows[0] == 500
    assert np.isnan(variance[0])
