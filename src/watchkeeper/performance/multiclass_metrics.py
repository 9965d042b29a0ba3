"""The metrics of a multiclass model.

Micro-averaged precision, recall and F1 of single labels all equal the accuracy, so that is given once. Macro averages
weigh each class that occurs alike; `recall_macro` is the balanced accuracy. A class without labels has no recall, and
one never predicted no precision: such a class is left out of that average, and the note says how many were. (In
`f1_macro` a class that occurs and is never predicted counts 0.) Intervals of F1 averages are the delta method on the
confusion matrix (Takahashi and others, 2022). Metrics of one class are called `recall[AA]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

import msgspec
import numpy as np

from watchkeeper.performance.calibration import calibration_error
from watchkeeper.performance.decisions import balanced, f1
from watchkeeper.performance.divergence import divergence
from watchkeeper.performance.metric import EMPTY, Basis, Metric, ratio, share, summed_mean, untold, within
from watchkeeper.performance.multiclass import RANKS, MulticlassLayout
from watchkeeper.performance.parts import Part, parts_of, share_of, worths
from watchkeeper.performance.ranked_scores import average_precision, no_scores, roc_auc
from watchkeeper.tallies.tally import FloatArray, IntArray

TOP = (2, 3, 5, 10)


def multiclass_metrics(layout: MulticlassLayout, counts: IntArray, basis: Basis) -> dict[str, Metric]:
    """Metrics of one tally: of the whole, then of each class."""
    confusion = layout.confusion(counts)
    true, said, right = (parts_of(layout.cells, counts, name) for name in ("true", "said", "right"))
    each = _each(layout, counts, true, said, right)
    return {
        "accuracy": share_of(_total(right), _total(true), EMPTY),
        "precision_macro": _average(each["precision"], worths(right, said)),
        "recall_macro": _average(each["recall"], worths(right, true)),
        "f1_macro": f1_average(confusion, len(layout.named), basis, by_support=False),
        "f1_weighted": f1_average(confusion, len(layout.named), basis, by_support=True),
        "roc_auc_macro": _mean_of(each["roc_auc"]),
        "average_precision_macro": _mean_of(each["average_precision"]),
        **_of_scores(layout, counts, basis),
        "class_divergence": divergence(confusion, basis),
        **{f"{name}[{shown}]": metric for name, metrics in each.items() for shown, metric in metrics.items()},
    }


def _total(parts: Sequence[Part]) -> Part:
    return reduce(add, parts)


def _each(
    layout: MulticlassLayout, counts: IntArray, true: Sequence[Part], said: Sequence[Part], right: Sequence[Part]
) -> dict[str, dict[str, Metric]]:
    """By metric, by class. What is lumped together as other classes has no metrics of its own."""
    places = list(enumerate(layout.named))
    scores, bins, whole = layout.scores(counts), layout.bins, _total(true)
    return {
        "precision": {c: share_of(right[k], said[k], f"{c} was never predicted") for k, c in places},
        "recall": {c: share_of(right[k], true[k], f"no label is {c}") for k, c in places},
        "f1": {c: f1(right[k], (said[k] - right[k]) + (true[k] - right[k])) for k, c in places},
        "roc_auc": {c: roc_auc(scores[k], bins, whole - true[k], true[k]) for k, c in places},
        "average_precision": {c: average_precision(scores[k], bins, whole - true[k], true[k]) for k, c in places},
    }


def _average(metrics: dict[str, Metric], rows: list[float]) -> Metric:
    """Mean of shares of different rows, classes without one left out."""
    told = [metric for metric in metrics.values() if metric.value is not None]
    if not told:
        return untold(EMPTY)
    found = balanced(told, rows[: len(told)])
    return msgspec.structs.replace(found, note=_left_out(len(metrics) - len(told), len(metrics)))


def _mean_of(metrics: dict[str, Metric]) -> Metric:
    """Mean of metrics of the same rows: its interval is as wide as theirs are on average (they may move together)."""
    told = [metric for metric in metrics.values() if metric.value is not None]
    if not told:
        return untold(next(iter(metrics.values())).note)
    value, low, high = (float(np.mean([getattr(m, part) for m in told])) for part in ("value", "low", "high"))
    left = _left_out(len(metrics) - len(told), len(metrics))
    return Metric(value=value, low=low, high=high, n=max(metric.n for metric in told), note=left)


def _left_out(lacking: int, of: int) -> str:
    return f"without {lacking} of {of} classes, which cannot be judged" if lacking else ""


def f1_average(confusion: FloatArray, named: int, basis: Basis, *, by_support: bool) -> Metric:
    """Mean F1 of the first `named` classes that occur in truth or prediction, or weighted by the classes' labels."""
    total = float(confusion.sum())
    if not total:
        return untold(EMPTY)
    p = confusion / total
    true, said = p.sum(1), p.sum(0)
    both = true + said
    used = (both > 0) & (np.arange(len(p)) < named)
    if not used.any():
        return untold("no named class occurs")
    safe = np.where(used, both, 1.0)
    f1s = np.where(used, 2 * np.diag(p) / safe, 0.0)
    weight = np.where(used, true if by_support else 1.0, 0.0)
    whole = float(weight.sum())
    if not whole:
        return untold("no label is of a named class")
    value = float((weight * f1s).sum() / whole)
    pull = np.where(used, weight / whole / safe, 0.0)
    influence = -(pull * f1s)[:, None] - (pull * f1s)[None, :] + np.diag(2 * pull)
    if by_support:
        influence += (np.where(used, f1s - value, 0.0) / whole)[:, None]
    return within(ratio(value, influence, p, basis), high=1.0)


def _of_scores(layout: MulticlassLayout, counts: IntArray, basis: Basis) -> dict[str, Metric]:
    cells, rank = layout.cells, layout.cells.part(counts, "rank")
    scored = float(rank.sum())
    none = no_scores(basis.rows)
    sure = np.stack([cells.part(counts, "sure_wrong"), cells.part(counts, "sure_right")])
    found = {
        f"top_{k}_accuracy": share(float(rank[:k].sum()), scored, basis, none)
        for k in TOP
        if k < len(layout.classes) and k <= RANKS
    }
    for name in ("log_loss", "brier"):
        found[name] = summed_mean(cells, counts, name, basis, of=scored, why=none)
    found["calibration_error"] = calibration_error(sure, layout.bins, basis)
    return found
