"""Areas under the ROC and precision-recall curves from scores counted in bins, with a bound on what bins cost.

Rows of one bin cannot be ordered, so they count as tied. What the order inside bins could change is known exactly from
the counts: for the ROC area at most sum(positives * negatives) / (2 P N) over bins; for average precision the best and
the worst order inside each bin. Bins that hold one score only (0 and 1) cost nothing. The bound is the tolerance.

The interval of the ROC area is DeLong, DeLong and Clarke-Pearson's (1988), from the placements of each bin; where it
degenerates (perfect separation) Hanley and McNeil's (1982) at the area shrunk by half a case. The interval of average
precision sums every row's influence on it (the derivative by the row's weight, squared); where that degenerates, the
number of positives stands for the rows (Boyd, Eng and Page, 2013). Both are taken on the logit scale.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from watchkeeper.performance.metric import EMPTY, Metric, bounded, untold
from watchkeeper.performance.parts import Part
from watchkeeper.performance.score_bins import ScoreBins
from watchkeeper.schema.numbers import BoolArray
from watchkeeper.tallies.tally import FloatArray

ONE_CLASS = "all labels are of one class"
NO_SCORES = "the model gives no scores"


def no_scores(rows: float) -> str:
    """Why there is nothing to rank in so many labelled rows."""
    return NO_SCORES if rows else EMPTY


def roc_auc(scores: FloatArray, bins: ScoreBins, negatives: Part, positives: Part) -> Metric:
    """Area under the ROC curve of `scores` (2, bins), weighted rows by truth; the parts say what these are worth."""
    negative, positive = scores
    n, p = float(negative.sum()), float(positive.sum())
    if not n + p:
        return untold(no_scores(negatives.rows + positives.rows))
    if not (n and p):
        return untold(ONE_CLASS, round(negatives.rows + positives.rows))
    above = (np.cumsum(negative) - negative / 2) / n
    below = 1 - (np.cumsum(positive) - positive / 2) / p
    value = float((positive * above).sum() / p)
    of_p, of_n = positives.effective, negatives.effective
    spread = _spread(positive, above, value, of_p) + _spread(negative, below, value, of_n)
    error = math.sqrt(spread) if spread > 0 else hanley_mcneil(value, of_p, of_n)
    rows = round(negatives.rows + positives.rows)
    return bounded(value, error, auc_tolerance(scores, bins), cases=min(of_p, of_n), n=rows)


def auc_tolerance(scores: FloatArray, bins: ScoreBins) -> float:
    """How far the ROC area of the unbinned scores can lie from the one of the bins."""
    negative, positive = scores
    return float((negative * positive)[~bins.atom].sum() / (2 * negative.sum() * positive.sum()))


def _spread(rows: FloatArray, placement: FloatArray, value: float, effective: float) -> float:
    """Variance of the mean placement of one class's rows."""
    total = float(rows.sum())
    if effective <= 1:
        return 0.0
    return float((rows * (placement - value) ** 2).sum()) / total / (effective - 1)


def hanley_mcneil(value: float, positives: float, negatives: float) -> float:
    """Standard error of a ROC area, at the area shrunk by half a case so that perfection keeps an interval."""
    fewest = max(min(positives, negatives), 1.0)
    a = (value * fewest + 0.5) / (fewest + 1)
    both, either = a / (2 - a), 2 * a * a / (1 + a)
    variance = a * (1 - a) + (positives - 1) * (both - a * a) + (negatives - 1) * (either - a * a)
    return math.sqrt(max(variance, 0.0) / (positives * negatives))


def average_precision(scores: FloatArray, bins: ScoreBins, negatives: Part, positives: Part) -> Metric:
    """Average precision, the sum over thresholds of (recall gained) x precision, as scikit-learn defines it."""
    negative, positive = scores
    n, p = float(negative.sum()), float(positive.sum())
    if not n + p:
        return untold(no_scores(negatives.rows + positives.rows))
    if not p:
        return untold("no label is positive", round(negatives.rows))
    a, b = positive[::-1], negative[::-1]
    hits, misses = np.cumsum(a), np.cumsum(b)
    tied = a * hits / np.maximum(hits + misses, 1e-300)
    value = float(tied.sum() / p)
    low, high = _order_bounds(a, b, tied, bins.atom[::-1])
    tolerance = max(value - low / p, high / p - value, 0.0)
    known = positives.effective
    inside = min(max(value, 0.5 / (known + 1)), 1 - 0.5 / (known + 1))
    error = _precision_error(a, b, value, negatives, positives) or math.sqrt(inside * (1 - inside) / known)
    return bounded(value, error, tolerance, cases=known, n=round(negatives.rows + positives.rows))


def _precision_error(a: FloatArray, b: FloatArray, value: float, negatives: Part, positives: Part) -> float:
    """Standard error of average precision, from each row's influence; a and b are rows by class, best score first."""
    hits, seen = np.cumsum(a), np.maximum(np.cumsum(a + b), 1e-9)
    total = float(hits[-1])
    by_miss = np.cumsum((a * hits / seen**2)[::-1])[::-1] / total
    by_hit = (hits / seen - value + np.cumsum((a * (seen - hits) / seen**2)[::-1])[::-1]) / total
    of_hits = positives.squares / max(positives.weight, 1e-300)
    of_misses = negatives.squares / max(negatives.weight, 1e-300)
    return math.sqrt(of_hits * float((a * by_hit**2).sum()) + of_misses * float((b * by_miss**2).sum()))


def _order_bounds(a: FloatArray, b: FloatArray, tied: FloatArray, atom: BoolArray) -> tuple[float, float]:
    """Sums of precision at each positive in the worst and in the best order inside each bin, best score first.

    Worst: each bin's negatives before its positives, one by one; best: all its positives at once, then its negatives.
    """
    before_hits, before_misses = np.cumsum(a) - a, np.cumsum(b) - b
    ahead = before_hits + before_misses + b
    harmonic = special.digamma(ahead + a + 1) - special.digamma(ahead + 1)
    worst = a - (before_misses + b) * harmonic
    best = a * (before_hits + a) / np.maximum(before_hits + a + before_misses, 1e-300)
    return float(np.where(atom, tied, worst).sum()), float(np.where(atom, tied, best).sum())
