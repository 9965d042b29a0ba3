"""Performance as it would have been estimated without the labels of the windows, learned from the reference's labels.

A classifier with scores is estimated from counts of its scores (performance/estimate.py); a regression, and a
classifier that gives only its decision, from the features (performance/loss_model.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import msgspec
import numpy as np
import pyarrow as pa

from watchkeeper.backtest.history import History
from watchkeeper.backtest.outputs import Outputs
from watchkeeper.performance.estimate import estimator
from watchkeeper.performance.layout import Layout
from watchkeeper.performance.loss_model import loss_model
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.pairs import REGRESSION, Pairs
from watchkeeper.performance.row_losses import MAIN, row_losses
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.tallies.tally import IntArray

FROM_SCORES, FROM_FEATURES = "confidence", "loss model"


@dataclass(frozen=True)
class Estimates:
    """Estimated metrics of each window (empty where it has no rows), by which `method`, and their reference means."""

    method: str
    windows: tuple[dict[str, Metric], ...]
    ordinary: dict[str, float]


@dataclass(frozen=True)
class Taught:
    """What the reference teaches: its labelled `pairs` (n), which rows of it they are, and its blocks of time.

    `blocks` (K + 1,) are bounds in `pairs`, `counts` (K, size) their tallies.
    """

    layout: Layout
    pairs: Pairs
    labelled: BoolArray
    blocks: IntArray
    counts: IntArray


def estimates(taught: Taught, answers: Pairs, answered: BoolArray, history: History, outputs: Outputs) -> Estimates:
    """Of every window. `answers` are the pairs of those rows (n,) of the history that are `answered`, truth unused."""
    usual = {name: m.value for name, m in metrics(taught.layout, taught.counts.sum(0)).items() if m.value is not None}
    upto = np.concatenate([[0], np.cumsum(answered)])
    inside = upto[history.bounds]
    if outputs.task != REGRESSION and taught.pairs.scores is not None:
        found = _from_scores(taught, answers, inside)
        return Estimates(FROM_SCORES, tuple(_with_error(one) for one in found), usual | _error(usual))
    found = _from_features(taught, _rows(history, outputs), answered, inside)
    return Estimates(FROM_FEATURES, tuple(found), usual | _error(usual))


def _from_scores(taught: Taught, answers: Pairs, inside: IntArray) -> list[dict[str, Metric]]:
    layout, blocks = taught.layout, [taught.pairs.take(slice(a, b)) for a, b in pairwise(taught.blocks.tolist())]
    learned = estimator(layout, taught.counts, [said_counts(layout, block) for block in blocks])
    return [
        {} if learned is None or a == b else learned.metrics(said_counts(layout, answers.take(slice(a, b))))
        for a, b in pairwise(inside.tolist())
    ]


def _from_features(taught: Taught, rows: pa.Table, answered: BoolArray, inside: IntArray) -> list[dict[str, Metric]]:
    reference = rows.slice(0, len(taught.labelled)).filter(pa.array(taught.labelled))
    rows = rows.filter(pa.array(answered))
    loss = row_losses(taught.pairs)[MAIN]
    models = [loss_model(reference, part, taught.blocks) for part in (loss, loss**2)]
    found: list[dict[str, Metric]] = []
    for a, b in pairwise(inside.tolist()):
        mean, square = (model.mean(rows.slice(a, b - a)) for model in models)
        if a == b:
            found.append({})
        elif taught.pairs.task == REGRESSION:
            held = _ends(mean, lambda end: max(end, 0.0))
            found.append(
                {"absolute error": held, "mae": held, "rmse": _ends(square, lambda end: math.sqrt(max(end, 0)))}
            )
        else:
            held = _ends(mean, lambda end: min(max(end, 0.0), 1.0))
            found.append({"error": held, "accuracy": _turned(held)})
    return found


def _rows(history: History, outputs: Outputs) -> pa.Table:
    """Features and answers side by side."""
    table = history.table.select(history.features)
    for name in outputs.table.column_names:
        table = table.append_column(f"output.{name}", outputs.table[name])
    return table


def _ends(metric: Metric, change: Callable[[float], float]) -> Metric:
    """The value and both ends of its interval, changed."""
    value, low, high = (None if end is None else change(end) for end in (metric.value, metric.low, metric.high))
    return msgspec.structs.replace(metric, value=value, low=low, high=high)


def _with_error(found: dict[str, Metric]) -> dict[str, Metric]:
    return {"error": _turned(found["accuracy"]), **found} if "accuracy" in found else found


def _error(usual: dict[str, float]) -> dict[str, float]:
    """The loss by its own name."""
    if "mae" in usual:
        return {"absolute error": usual["mae"]}
    return {"error": 1 - usual["accuracy"]} if "accuracy" in usual else {}


def _turned(share: Metric) -> Metric:
    """1 minus a share."""
    value, low, high = (None if end is None else 1 - end for end in (share.value, share.high, share.low))
    return msgspec.structs.replace(share, value=value, low=low, high=high)
