"""Metrics that are to be expected of predictions whose labels are not known, from how likely each is to be positive.

Confidence-based performance estimation (Kivimäki, Białek, Kuberski and Nurminen, *Confidence-based estimators for
predictive performance in model monitoring*, 2024): rows at a score of which a share c came true in the reference are
taken to be c positive and 1 - c negative. From these expected counts every metric follows that follows from real ones.

How uncertain a metric is comes from its gradient by the expected positives of each group of scores, in two parts. The
labels are drawn: n rows vary by n c (1 - c). And c was itself learned from some rows only.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from watchkeeper.performance.binary import log_loss
from watchkeeper.performance.recalibration import Recalibration
from watchkeeper.performance.score_bins import ScoreBins
from watchkeeper.tallies.tally import FloatArray, IntArray

_STEP = 1e-4


class Expected(NamedTuple):
    """A value with its two variances: that of the window's labels, and that of what was learned."""

    value: float
    drawn: float
    learned: float


class Rows(NamedTuple):
    """Rows (2, cells) by decision and score, with the mean costs (name: (if negative, if positive)), each (cells,)."""

    n: FloatArray
    costs: dict[str, tuple[FloatArray, FloatArray]]


def expected(said: IntArray | FloatArray, known: Recalibration, bins: ScoreBins) -> dict[str, Expected]:
    """Every metric of one question: `said` (2, bins) rows by decision and score bin.

    Values that cannot be told are NaN. `loss_of_positives` is the mean cost -log(score) of those positive, by all rows.
    """
    n = said.astype(np.float64)
    exact = values(Rows(n, costs_of(bins)), n * known.share)
    rows, positives, spread = _folded(n, known, bins)
    base = values(rows, positives)
    steps = np.eye(positives.size).reshape(-1, *positives.shape) * _STEP
    found = {}
    moved = values(rows, positives[None] + steps)
    for name, value in exact.items():
        with np.errstate(invalid="ignore"):
            steepness = (moved[name] - base[name]) / _STEP
        slope = _where_rows(steepness.reshape(positives.shape), rows)
        by_pool = np.bincount(known.pool, (slope * rows.n).sum(0), len(known.variance))
        found[name] = Expected(
            float(value), float((slope**2 * spread).sum()), float((by_pool**2 * known.variance).sum())
        )
    return found


def _where_rows(slope: FloatArray, rows: Rows) -> FloatArray:
    """Zero where a cell has no row to move."""
    return np.where(np.isfinite(slope) & (rows.n > 0), slope, 0.0)


def costs_of(bins: ScoreBins) -> dict[str, tuple[FloatArray, FloatArray]]:
    """What a row costs at each score bin: (if negative, if positive)."""
    s = bins.middle
    of_positive = log_loss(s)
    return {
        "brier": (s**2, (1 - s) ** 2),
        "log_loss": (log_loss(1 - s), of_positive),
        "loss_of_positives": (np.zeros_like(s), of_positive),
    }


def _folded(n: FloatArray, known: Recalibration, bins: ScoreBins) -> tuple[Rows, FloatArray, FloatArray]:
    """(rows by decision and group, expected positives (2, groups), their variance (2, groups))."""
    fold = np.zeros((bins.size, known.groups))
    fold[np.arange(bins.size), known.group] = 1.0
    rows, share = n @ fold, known.share
    both = n.sum(0)
    inside = np.maximum(both @ fold, 1e-300)
    costs = {
        name: ((both * wrong) @ fold / inside, (both * right) @ fold / inside)
        for name, (wrong, right) in costs_of(bins).items()
    }
    return Rows(rows, costs), (n * share) @ fold, (n * share * (1 - share)) @ fold


def values(rows: Rows, positives: FloatArray) -> dict[str, FloatArray]:
    """Metrics (...) of expected `positives` (..., 2, cells) among `rows`; NaN where one cannot be told."""
    n, total = rows.n, rows.n.sum()
    tp, fn = positives[..., 1, :].sum(-1), positives[..., 0, :].sum(-1)
    fp, tn = n[1].sum() - tp, n[0].sum() - fn
    positive = positives.sum(-2)
    negative = n.sum(0) - positive
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "accuracy": (tp + tn) / total,
            "precision": tp / (tp + fp),
            "recall": tp / (tp + fn),
            "specificity": tn / (tn + fp),
            "f1": 2 * tp / (2 * tp + fp + fn),
            "positive_rate": (tp + fn) / total,
            "roc_auc": _roc_auc(negative, positive),
            "average_precision": _average_precision(negative, positive),
        }
        for name, (if_negative, if_positive) in rows.costs.items():
            found[name] = (negative * if_negative + positive * if_positive).sum(-1) / total
        found["balanced_accuracy"] = (found["recall"] + found["specificity"]) / 2
    return found


def _roc_auc(negative: FloatArray, positive: FloatArray) -> FloatArray:
    below = np.cumsum(negative, -1) - negative / 2
    found: FloatArray = (positive * below).sum(-1) / (positive.sum(-1) * negative.sum(-1))
    return found


def _average_precision(negative: FloatArray, positive: FloatArray) -> FloatArray:
    a, b = positive[..., ::-1], negative[..., ::-1]
    hits = np.cumsum(a, -1)
    found: FloatArray = (a * hits / np.maximum(hits + np.cumsum(b, -1), 1e-300)).sum(-1) / positive.sum(-1)
    return found
