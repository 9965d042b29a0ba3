"""Ordinary movement: how far the blocks of a stream lie from each other, beyond what sampling explains.

Model of an ordinary window w of n rows, for each statistic (a ratio of two tallies):

    m_w = mu_s + B_w + e_w,    Var(B) = tau2 (ordinary movement),    Var(e) = v / n (sampling)

K blocks *of the window's own length* give mu, tau2 and v; row counts may differ, lengths may not. mu is one number, or
one for each stratum s of the hour or the weekday where that was found to help (strata.py); never a trend, which made
every stream worse when it was extended. A window is judged by a prediction interval with t, so the uncertainty of mu
and tau2 is in it; serial correlation shrinks K to K (1 - r) / (1 + r).

Bounded influence: a reference that holds an outage must not learn that outages are ordinary. A block of a column whose
root mean square distance from the median of the blocks, in units of their median absolute deviation, is beyond `LIMIT`
and `GAP` times as far as the next ones, is unlike the others: it counts as no farther than they. Only one block in
`ONE_IN` can be told so: where more of them lie far out, that is how the stream moves (rain, rare events), and taming it
would make ordinary days alarm. Medians stand until half of the blocks are bad (Huber, *Robust Statistics*, 1981).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from watchkeeper.monitors.strata import Strata
from watchkeeper.tallies.tally import FloatArray, IntArray

BoolArray = npt.NDArray[np.bool_]
IMMATERIAL = 0.005
LIMIT = 6.0
GAP = 3.0
ONE_IN = 14
_NORMAL_MAD = 1.4826


@dataclass(frozen=True)
class Movement:
    """Ordinary movement of J statistics, fitted on K blocks.

    `mean` (S, J) for each stratum (S is 1 where there are none), `share` (S, J) the weight 1 / n of one block in it,
    `tau2` (J,), and what prediction needs; `df` (J,) are the degrees of freedom left after serial correlation, at
    least 2.
    """

    mean: FloatArray
    share: FloatArray
    tau2: FloatArray
    variance: FloatArray
    inverse_n: FloatArray
    df: FloatArray
    blocks: int
    inflation: float

    @classmethod
    def fit(cls, means: FloatArray, rows: FloatArray, variance: FloatArray, strata: Strata | None = None) -> Movement:
        """From block means (K, J), rows per block (K, J), one row's variance (J,), and the strata of the blocks."""
        blocks = len(means)
        mean, share, used = _centres(means, strata)
        residual = means - (mean[0] if strata is None else mean[strata.labels])
        r = _serial_correlation(residual)
        inflation = (1 + r) / (1 - r)
        square = (residual**2).sum(0) / np.maximum(1, blocks - used)
        square = square * (1 - 1 / blocks) / (1 - 1 / max(1.5, blocks / inflation))
        inverse = (1 / np.maximum(rows, 1.0)).mean(0)
        return cls(
            mean=mean,
            share=share,
            tau2=np.maximum(0.0, square - variance * inverse),
            variance=np.maximum(variance, 1e-9),
            inverse_n=inverse,
            df=np.maximum(2.0, blocks / inflation - used),
            blocks=blocks,
            inflation=inflation,
        )

    def centre(self, labels: IntArray | None) -> FloatArray:
        """(W, J) or (1, J): the mean that each window is held against; `labels` (W,) are its strata."""
        return self.mean[:1] if labels is None else self.mean[labels]

    def reference_variance(self, labels: IntArray | None) -> FloatArray:
        """(W, J) or (1, J): the variance of `centre` itself."""
        share = self.share[:1] if labels is None else self.share[labels]
        return (self.tau2 + self.variance * self.inverse_n) * self.inflation * share

    def sampling_error(self, rows: FloatArray, labels: IntArray | None = None) -> FloatArray:
        """Error (W, J) of the effect itself: this window's rows, and the mean of the blocks."""
        return np.sqrt(self.variance / np.maximum(rows, 1.0) + self.reference_variance(labels))

    def error(self, rows: FloatArray, labels: IntArray | None = None) -> FloatArray:
        """Prediction error (W, J) of a window with `rows` (W, J), movement too small to matter included."""
        own = self.tau2 + self.variance / np.maximum(rows, 1.0)
        return np.sqrt(own + self.reference_variance(labels) + IMMATERIAL**2)

    def z(self, means: FloatArray, rows: FloatArray, labels: IntArray | None = None) -> FloatArray:
        """Standardised deviation (W, J) of windows from the mean of the blocks."""
        return (means - self.centre(labels)) / self.error(rows, labels)


def tamed(
    means: FloatArray, rows: FloatArray, variance: FloatArray, owner: IntArray, strata: Strata | None = None
) -> tuple[FloatArray, BoolArray]:
    """Block means (K, J) of bounded influence, and which columns of which blocks (K, C) are unlike the others."""
    centre = _medians(means, strata)
    distance = means - centre
    spread = _NORMAL_MAD * np.median(np.abs(distance), 0)
    scale = np.sqrt(spread**2 + variance / np.maximum(rows, 1.0) + IMMATERIAL**2)
    score = column_scores(distance / scale, owner)
    few = min(max(1, len(means) // ONE_IN), len(means) - 1)
    others = np.partition(score, -few - 1, 0)[-few - 1]
    unlike = score > np.maximum(LIMIT, GAP * others)
    factor = others / np.maximum(score, LIMIT)
    return np.where(unlike[:, owner], centre + distance * factor[:, owner], means), unlike


def column_scores(z: FloatArray, owner: IntArray) -> FloatArray:
    """(W, J) -> (W, C) root mean square of each column's statistics; `owner` ascends."""
    starts = np.searchsorted(owner, np.arange(int(owner.max()) + 1))
    total = np.add.reduceat(z**2, starts, axis=1)
    return np.sqrt(total / np.bincount(owner))


def _centres(means: FloatArray, strata: Strata | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means (S, J), weights (S, J) of one block in them, and how many means (J,) each statistic uses."""
    blocks, statistics = means.shape
    overall = means.mean(0)
    if strata is None:
        return overall[None], np.full((1, statistics), 1 / blocks), np.ones(statistics)
    members = np.bincount(strata.labels, minlength=strata.count)
    sums = np.zeros((strata.count, statistics))
    np.add.at(sums, strata.labels, means)
    known = (members > 0)[:, None] & strata.uses[None]
    most = np.maximum(members, 1)[:, None]
    mean = np.where(known, sums / most, overall)
    share = np.where(known, 1 / most, 1 / blocks)
    return mean, share, np.where(strata.uses, (members > 0).sum(), 1).astype(np.float64)


def _medians(means: FloatArray, strata: Strata | None) -> FloatArray:
    """(K, J) the median of the blocks, or of those of the same stratum."""
    centre = np.broadcast_to(np.median(means, 0), means.shape).copy()
    if strata is not None:
        for label in np.unique(strata.labels):
            mine = strata.labels == label
            centre[np.ix_(mine, strata.uses)] = np.median(means[np.ix_(mine, strata.uses)], 0)
    return centre


def _serial_correlation(residual: FloatArray) -> float:
    """Lag-1 correlation of blocks, pooled over statistics and corrected for small K, between 0 and 0.8."""
    weight = 1 / np.maximum((residual**2).sum(0), 1e-30)
    r = float(np.mean((residual[1:] * residual[:-1]).sum(0) * weight))
    return float(np.clip(r + (1 + 3 * r) / len(residual), 0.0, 0.8))
