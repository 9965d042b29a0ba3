"""How far the distribution of predicted classes is from the one that came true.

Kullback and Leibler's divergence (1951) sum_k r_k log(r_k / c_k), in nats, of the realised shares r from the predicted
shares c, with half a row added to each so that a class never predicted keeps it finite. Zero where both agree, though
every single prediction may be wrong. Interval: delta method on the confusion matrix; at agreement the influence
vanishes and the interval is too narrow.
"""

from __future__ import annotations

import numpy as np

from watchkeeper.performance.metric import EMPTY, Basis, Metric, ratio, untold, within
from watchkeeper.tallies.tally import FloatArray


def divergence(confusion: FloatArray, basis: Basis) -> Metric:
    """Divergence of realised from predicted classes, from `confusion` (K, K), truth first."""
    total = float(confusion.sum())
    if not total:
        return untold(EMPTY)
    realised, predicted = (_shares(confusion.sum(axis)) for axis in (1, 0))
    log = np.log(realised / predicted)
    influence = log[:, None] - (realised / predicted)[None, :]
    return within(ratio(float((realised * log).sum()), influence, confusion / total, basis))


def _shares(rows: FloatArray) -> FloatArray:
    return (rows + 0.5) / (rows.sum() + 0.5 * len(rows))
