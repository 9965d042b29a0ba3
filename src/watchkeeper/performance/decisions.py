"""Metrics of decisions: accuracy, precision, recall, specificity, F1 and what derives from a 2 x 2 table.

F1 = 2 TP / (2 TP + FP + FN) is 2 J / (1 + J) of the share J = TP / (TP + FP + FN), so its interval is Wilson's of J,
carried over. Balanced accuracy is the mean of two independent shares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from watchkeeper.performance.metric import EMPTY, Metric, Z, untold
from watchkeeper.performance.parts import Part, share_of, worths


def decision_metrics(table: Sequence[Part]) -> dict[str, Metric]:
    """Metrics of `table`: the parts TN, FP, FN and TP."""
    tn, fp, fn, tp = table
    whole = tn + fp + fn + tp
    recall = share_of(tp, tp + fn, "no label is positive")
    specificity = share_of(tn, tn + fp, "no label is negative")
    return {
        "accuracy": share_of(tp + tn, whole, EMPTY),
        "precision": share_of(tp, tp + fp, "no row was predicted positive"),
        "recall": recall,
        "specificity": specificity,
        "f1": f1(tp, fp + fn),
        "balanced_accuracy": balanced((recall, specificity), worths((tp, tn), (tp + fn, tn + fp))),
        "positive_rate": share_of(tp + fn, whole, EMPTY),
        "predicted_positive_rate": share_of(tp + fp, whole, EMPTY),
    }


def f1(tp: Part, wrong: Part) -> Metric:
    """F1 with Wilson's interval of the Jaccard share carried over; none where no row is positive in either way."""
    jaccard = share_of(tp, tp + wrong, "no row is positive, in truth or by prediction")
    if jaccard.value is None or jaccard.low is None or jaccard.high is None:
        return jaccard
    value, low, high = (2 * j / (1 + j) for j in (jaccard.value, jaccard.low, jaccard.high))
    return Metric(value=value, low=low, high=high, n=jaccard.n)


def balanced(recalls: Sequence[Metric], rows: Sequence[float]) -> Metric:
    """The mean of the classes' recalls, `rows` effective rows each. Normal, after Agresti and Coull (1998)."""
    values = [recall.value for recall in recalls if recall.value is not None]
    n = sum(recall.n for recall in recalls)
    if len(values) < len(recalls):
        return untold(next(recall.note for recall in recalls if recall.value is None), n)
    shrunk = [(p * m + 2) / (m + 4) for p, m in zip(values, rows, strict=True)]
    variance = sum(p * (1 - p) / (m + 4) for p, m in zip(shrunk, rows, strict=True))
    value, half = sum(values) / len(values), Z * math.sqrt(variance) / len(values)
    return Metric(value=value, low=max(0.0, value - half), high=min(1.0, value + half), n=n)
