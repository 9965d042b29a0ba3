"""Losses of single rows, where rows are still at hand: for pairs of versions and for the search of bad segments."""

from __future__ import annotations

import numpy as np

from watchkeeper.performance.binary import log_loss
from watchkeeper.performance.pairs import BINARY, MULTICLASS, RANKING, REGRESSION, Pairs
from watchkeeper.performance.ranking import ndcg
from watchkeeper.tallies.tally import FloatArray

MAIN = "main"


def row_losses(pairs: Pairs) -> dict[str, FloatArray]:
    """Losses (n,) by name: `main` is the one of losses.py; classifiers with scores have `log_loss` and `brier`, too.

    A query without a relevant item has NaN.
    """
    if pairs.task == RANKING:
        return {MAIN: 1 - np.array([ndcg(relevance, 10) for relevance in pairs.relevance])}
    truth = np.asarray(pairs.truth)
    if pairs.task == REGRESSION:
        error = np.abs(np.asarray(pairs.predicted) - truth)
        return {MAIN: error, "mae": error}
    if pairs.task not in (BINARY, MULTICLASS):
        return {MAIN: -truth}
    wrong = (np.asarray(pairs.predicted) != truth).astype(np.float64)
    return {MAIN: wrong} if pairs.scores is None else {MAIN: wrong, **_of_scores(pairs.scores, truth)}


def _of_scores(scores: FloatArray, truth: FloatArray) -> dict[str, FloatArray]:
    if scores.ndim == 1:
        return {"log_loss": log_loss(np.where(truth == 1, scores, 1 - scores)), "brier": (scores - truth) ** 2}
    of_truth = np.take_along_axis(scores, truth.astype(np.int64)[:, None], 1)[:, 0]
    return {"log_loss": log_loss(of_truth), "brier": (scores**2).sum(1) - 2 * of_truth + 1}
