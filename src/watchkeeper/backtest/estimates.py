"""Performance as it would have been estimated without the labels of the windows, learned from the reference's labels.

A classifier with scores is estimated from counts of its scores, once as they are (performance/estimate.py) and once
weighted to rows like the window's (performance/weighted_estimate.py); a regression, and a classifier that gives only
its decision, from the features (performance/loss_model.py). Each reads the window's tally alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from watchkeeper.backtest.answers import Labelled, answers
from watchkeeper.backtest.history import History
from watchkeeper.backtest.outputs import Outputs, named_rows
from watchkeeper.backtest.plan import Plan
from watchkeeper.backtest.truth import loss_name, with_loss
from watchkeeper.performance.estimate import CONFIDENCE, estimator
from watchkeeper.performance.estimated_loss import ordinary_loss
from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.performance.loss_estimate import LOSS_MODEL, loss_estimator
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.pairs import REGRESSION, Pairs
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.performance.weighted_estimate import WEIGHTED, WeightedEstimator
from watchkeeper.reference.reference import Reference
from watchkeeper.tallies.tally import IntArray

Methods = Callable[[IntArray, Pairs], dict[str, dict[str, Metric]]]
"""Estimated metrics by method and name, from a window's tally (size,) and its answered rows, whose truth is unused."""


@dataclass(frozen=True, eq=False)
class Estimators:
    """Every method that the reference's labels could teach, and what metrics are `usual` in the reference.

    `answers` are the rows of all windows that were answered, cut by `bounds` (W + 1,) into windows.
    """

    methods: Methods
    usual: Mapping[str, float]
    answers: Pairs
    bounds: IntArray

    def estimate(self, place: int, counts: IntArray) -> dict[str, dict[str, Metric]]:
        """Metrics of window `place` by method, the main loss first; `counts` (size,) is its tally."""
        rows = self.answers.take(slice(*self.bounds[place : place + 2].tolist()))
        if not len(rows):
            return {}
        return {method: with_loss(rows.task, found) for method, found in self.methods(counts, rows).items()}


def estimators(known: Labelled, history: History, outputs: Outputs, plan: Plan, reference: Reference) -> Estimators:
    """Taught by the labels of the reference."""
    task = known.pairs.task
    usual = {name: m.value for name, m in metrics(known.layout, known.counts.sum(0)).items() if m.value is not None}
    loss = ordinary_loss(task, usual)
    said, answered = answers(outputs, plan)
    return Estimators(
        methods=_methods(known, history, outputs, reference),
        usual=usual if loss is None else {loss_name(task): loss, **usual},
        answers=said,
        bounds=np.concatenate([[0], np.cumsum(answered)])[history.bounds],
    )


def _methods(known: Labelled, history: History, outputs: Outputs, reference: Reference) -> Methods:
    cells = FeatureCells.of(reference.binning, reference.whole.counts)
    rows = named_rows(history, outputs).slice(0, history.trained).filter(pa.array(known.known[: history.trained]))
    if known.pairs.task == REGRESSION or known.pairs.scores is None:
        learned = loss_estimator(cells, rows, known.reference, known.blocks)
        return lambda counts, _: {LOSS_MODEL: learned.metrics(*cells.profile_of(counts))}
    layout, cuts = known.layout, pairwise(known.blocks.tolist())
    blocks = [said_counts(layout, known.reference.take(slice(a, b))) for a, b in cuts]
    plain = estimator(layout, known.counts, blocks)
    if plain is None:
        return lambda *_: {}
    weighted = WeightedEstimator(cells, rows, known.reference, plain)

    def from_scores(counts: IntArray, answered: Pairs) -> dict[str, dict[str, Metric]]:
        said, (profile, _) = said_counts(layout, answered), cells.profile_of(counts)
        return {CONFIDENCE: plain.metrics(said), WEIGHTED: weighted.metrics(profile, said)}

    return from_scores
