"""Are probabilities right? Expected calibration error and the calibration curve, from scores counted by outcome.

ECE (Naeini, Cooper and Hauskrecht, 2015): rows fall into 10 equal bins of the probability; the error is the mean over
rows of |share that came true - mean probability| of their bin. The mean probability is read from the fine bins, so it
is exact to half a fine bin (1/2048 for a binary model, 1/128 for the answer of a multiclass one). ECE never reaches 0
by chance: the note tells what a perfectly calibrated model of these rows would show, on average. The interval is
normal, from the binomial spread of each bin.
"""

from __future__ import annotations

import math

import numpy as np

from watchkeeper.performance.metric import Basis, Metric, Z, untold
from watchkeeper.performance.ranked_scores import no_scores
from watchkeeper.performance.score_bins import ScoreBins
from watchkeeper.tallies.tally import FloatArray

BINS = 10


def calibration_bins(
    scores: FloatArray, bins: ScoreBins, number: int = BINS
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(weighted rows, mean probability, share that came true) of `number` equal bins; NaN where a bin is empty.

    `scores` (2, score bins) are weighted rows by outcome.
    """
    group = np.minimum((bins.middle * number).astype(np.int64), number - 1)
    rows = np.bincount(group, scores.sum(0), number).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.bincount(group, scores.sum(0) * bins.middle, number) / rows
        true = np.bincount(group, scores[1], number) / rows
    return rows, expected, true


def calibration_error(scores: FloatArray, bins: ScoreBins, basis: Basis) -> Metric:
    """Expected calibration error of weighted rows by outcome and score bin, (2, score bins)."""
    total = float(scores.sum())
    if not total:
        return untold(no_scores(basis.rows))
    rows, expected, true = calibration_bins(scores, bins)
    used = rows > 0
    share, expected, true = rows[used] / total, expected[used], true[used]
    worth = np.maximum(rows[used] * basis.worth(1.0), 1.0)
    value = float((share * np.abs(true - expected)).sum())
    by_chance = float((share * np.sqrt(2 / math.pi * expected * (1 - expected) / worth)).sum())
    half = Z * math.sqrt(float((share**2 * (true * (1 - true) + 0.25 / worth) / worth).sum()))
    note = f"a perfectly calibrated model would show about {by_chance:.2g}"
    return Metric(value=value, low=max(0.0, value - half), high=min(1.0, value + half), n=basis.n(total), note=note)
