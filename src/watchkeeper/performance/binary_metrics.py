"""The metrics of a binary model."""

from __future__ import annotations

import msgspec
import numpy as np

from watchkeeper.performance.binary import BinaryLayout
from watchkeeper.performance.calibration import calibration_error
from watchkeeper.performance.decisions import decision_metrics
from watchkeeper.performance.divergence import divergence
from watchkeeper.performance.metric import Basis, Metric, joined, mean, summed_mean, within
from watchkeeper.performance.parts import parts_of
from watchkeeper.performance.ranked_scores import NO_SCORES, average_precision, no_scores, roc_auc
from watchkeeper.performance.score_bins import FINE
from watchkeeper.tallies.tally import IntArray


def binary_metrics(
    layout: BinaryLayout, counts: IntArray, basis: Basis, threshold: float | None = None
) -> dict[str, Metric]:
    """Metrics of one tally, decisions taken at `threshold` or, without it, as the model took them itself."""
    table = layout.decisions(counts, threshold)
    scores = layout.scores(counts)
    own = parts_of(layout.cells, counts, "decision")
    negatives, positives = own[0] + own[1], own[2] + own[3]
    parts = (
        own
        if threshold is None
        else [
            whole.cut(float(rows)) for whole, said in zip((negatives, positives), table, strict=True) for rows in said
        ]
    )
    found = decision_metrics(parts)
    if threshold is not None:
        found = {name: _at(metric, threshold, scores.sum() > 0) for name, metric in found.items()}
    scored, none = float(scores.sum()), no_scores(basis.rows)
    cells = layout.cells
    return {
        **found,
        "roc_auc": roc_auc(scores, FINE, negatives, positives),
        "average_precision": average_precision(scores, FINE, negatives, positives),
        "log_loss": within(summed_mean(cells, counts, "log_loss", basis, of=scored, why=none)),
        "brier": within(summed_mean(cells, counts, "brier", basis, of=scored, why=none), high=1.0),
        "calibration_error": calibration_error(scores, FINE, basis),
        "prediction_bias": _bias(layout, counts, basis, none),
        "class_divergence": divergence(table, basis),
    }


def _bias(layout: BinaryLayout, counts: IntArray, basis: Basis, none: str) -> Metric:
    """Mean probability less share of positives; normal, from (p - y)^2, whose sum is the Brier score's."""
    scores = layout.scores(counts)
    difference = float(layout.cells.total(counts, "score")) - float(scores[1].sum())
    squares = float(layout.cells.total(counts, "brier"))
    return within(mean(difference, squares, float(scores.sum()), basis, none), low=-1.0, high=1.0)


def _at(metric: Metric, threshold: float, scored: bool) -> Metric:
    if not scored:
        return msgspec.structs.replace(metric, value=None, low=None, high=None, note=NO_SCORES)
    real = FINE.at_threshold(threshold)[1]
    moved = "" if np.isclose(real, threshold, atol=1e-9) else f"threshold {real:.6g}, the nearest edge of a bin"
    return msgspec.structs.replace(metric, note=joined(metric.note, moved))
