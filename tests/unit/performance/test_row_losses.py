"""Losses of single rows are those that blocks sum."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.losses import losses
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.row_losses import MAIN, row_losses


@pytest.mark.parametrize(
    "pairs",
    [
        labelled.binary_pairs(*labelled.binary_data(n=200)),
        labelled.multiclass_pairs(*labelled.multiclass_data(n=200)),
        labelled.regression_pairs(*labelled.regression_data(n=200)),
        labelled.ranking_pairs()[0],
        labelled.reward_pairs(np.arange(5.0)),
    ],
    ids=lambda pairs: pairs.task,
)
def test_rows_and_blocks_agree(pairs: Pairs) -> None:
    layout = layout_for(pairs.task, pairs.classes, pairs)
    mean, rows, variance = losses(layout, layout.tally(pairs).counts[None])
    loss = row_losses(pairs)[MAIN]
    assert rows[0] == np.isfinite(loss).sum()
    assert mean[0] == pytest.approx(np.nanmean(loss), rel=1e-5)
    assert variance[0] == pytest.approx(np.nanvar(loss, ddof=1), rel=1e-3)


def test_losses_of_scores_agree_with_scikit_learn() -> None:
    sklearn = pytest.importorskip("sklearn.metrics")
    probabilities, truth = labelled.multiclass_data(n=200)
    found = row_losses(labelled.multiclass_pairs(probabilities, truth))
    assert found["log_loss"].mean() == pytest.approx(sklearn.log_loss(truth, probabilities))
    assert found["brier"].mean() == pytest.approx(((probabilities - np.eye(4)[truth]) ** 2).sum(1).mean())
