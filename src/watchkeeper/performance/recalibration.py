"""What share of the rows at each score turned out positive: a calibration learned from labelled counts.

Score bins are put into groups of at least `LEAST` labelled rows, at most `MOST` groups; their shares are made to rise
with the score by pooling neighbours that do not (PAV: Ayer and others, 1955), and between group means the share is
interpolated. How uncertain it is comes from the rows of each pool.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from watchkeeper.performance.score_bins import ScoreBins
from watchkeeper.tallies.tally import FloatArray, IntArray

LEAST, MOST = 30, 64


@dataclass(frozen=True, eq=False)
class Recalibration:
    """`share` (bins,) positive at each score bin; `group` (bins,) the group of each bin, one of `groups`.

    `pool` (groups,) says which groups were pooled, `variance` (pools,) how uncertain the share of each pool is. `rows`
    is what it was learned from.
    """

    share: FloatArray
    group: IntArray
    groups: int
    pool: IntArray
    variance: FloatArray
    rows: float


def recalibration(counts: FloatArray, bins: ScoreBins, worth: float = 1.0) -> Recalibration | None:
    """From weighted rows by outcome and score bin (2, bins), each worth `worth` rows; None where there are none."""
    total = counts.sum(0)
    rows = float(total.sum())
    if rows <= 0:
        return None
    group = _groups(total, max(LEAST / worth, rows / MOST))
    size = int(group.max()) + 1
    n = np.bincount(group, total, size)
    score = np.bincount(group, total * bins.middle, size) / np.maximum(n, 1e-300)
    rising = optimize.isotonic_regression(np.bincount(group, counts[1], size) / np.maximum(n, 1e-300), weights=n).x
    pool = np.concatenate([[0], np.cumsum(np.diff(rising) > 0)]).astype(np.int64)
    inside = np.bincount(pool, n) * worth
    positive = np.bincount(pool, n * rising) * worth
    shrunk = (positive + 0.5) / (inside + 1)
    share = np.interp(bins.middle, score, rising)
    return Recalibration(share, group, size, pool, shrunk * (1 - shrunk) / np.maximum(inside, 1.0), rows * worth)


def _groups(total: FloatArray, least: float) -> IntArray:
    """(bins,) runs of bins of about `least` rows; a bin with more is a group by itself, empty ones join a neighbour."""
    upto = np.cumsum(total)
    place = np.floor((upto - total / 2) / least)
    place[total == 0] = np.floor(upto[total == 0] / least - 1e-9)
    found: IntArray = np.unique(np.maximum.accumulate(np.maximum(place, 0)), return_inverse=True)[1].astype(np.int64)
    used = np.unique(found[total > 0])
    nearest = np.clip(np.searchsorted(used, found), 0, len(used) - 1)
    return nearest.astype(np.int64)
