"""Metrics of decisions: accuracy, precision, recall, specificity, F1 and what derives from a 2 x 2 table.

F1 = 2 TP / (2 TP + FP + FN) is 2 J / (1 + J) of the share J = TP / (TP + FP + FN), so its interval is Wilson's of J,
carried over. Balanced accuracy is the mean of two independent shares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from watchkeeper.performance.metric import EMPTY, Basis, Metric, Z, share, untold
from watchkeeper.tallies.tally import FloatArray


def decision_metrics(table: FloatArray, basis: Basis) -> dict[str, Metric]:
    """Metrics of `table` (2, 2), weighted rows by truth and decision."""
    (tn, fp), (fn, tp) = table.tolist()
    n = tn + fp + fn + tp
    recall = share(tp, tp + fn, basis, "no label is positive")
    specificity = share(tn, tn + fp, basis, "no label is negative")
    return {
        "accuracy": share(tp + tn, n, basis, EMPTY),
        "precision": share(tp, tp + fp, basis, "no row was predicted positive"),
        "recall": recall,
        "specificity": specificity,
        "f1": f1(tp, fp, fn, basis),
        "balanced_accuracy": balanced((recall, specificity), (basis.worth(tp + fn), basis.worth(tn + fp))),
        "positive_rate": share(tp + fn, n, basis, EMPTY),
        "predicted_positive_rate": share(tp + fp, n, basis, EMPTY),
    }


def f1(tp: float, fp: float, fn: float, basis: Basis) -> Metric:
    """F1 with Wilson's interval of the Jaccard share carried over; none where no row is positive in either way."""
    jaccard = share(tp, tp + fp + fn, basis, "no row is positive, in truth or by prediction")
    if jaccard.value is None or jaccard.low is None or jaccard.high is None:
        return jaccard
    value, low, high = (2 * j / (1 + j) for j in (jaccard.value, jaccard.low, jaccard.high))
    return Metric(value=value, low=low, high=high, n=jaccard.n)


def balanced(recalls: Sequence[Metric], worth: Sequence[float]) -> Metric:
    """The mean of the classes' recalls, `worth` effective rows each. Normal, after Agresti and Coull (1998)."""
    values = [recall.value for recall in recalls if recall.value is not None]
    n = sum(recall.n for recall in recalls)
    if len(values) < len(recalls):
        return untold(next(recall.note for recall in recalls if recall.value is None), n)
    shrunk = [(p * m + 2) / (m + 4) for p, m in zip(values, worth, strict=True)]
    variance = sum(p * (1 - p) / (m + 4) for p, m in zip(shrunk, worth, strict=True))
    value, half = sum(values) / len(values), Z * math.sqrt(variance) / len(values)
    return Metric(value=value, low=max(0.0, value - half), high=min(1.0, value + half), n=n)
