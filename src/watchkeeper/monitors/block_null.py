"""Is a window unlike the blocks of time before it? The unit of evidence is the block, never the row (L0).

Model of an ordinary window w of n rows, for each statistic (a ratio of two tallies):

    m_w = mu + B_w + e_w,    Var(B) = tau2 (ordinary movement),    Var(e) = v / n (sampling)

K blocks *of the window's own length* give mu, tau2 and v; row counts may differ, lengths may not (a null carried over
to another length alarms on up to 90 % of ordinary windows). A window is judged by a prediction interval with t, so
the uncertainty of mu and tau2 is in it; serial correlation shrinks K to K (1 - r) / (1 + r).

A column's score is the root mean square of its statistics' z; a window's is its largest column. That score is compared
with the scores of the reference's own blocks, each judged by blocks that did not help to fit it: 4 contiguous folds,
so a block is judged from as far away as a new window will be (leave-one-out is too sure: 0.08 to 0.15 alarms at a
nominal 0.033). Logarithms of scores are taken as normal, with a t prediction. Because the reference score is the
largest of all columns, the p-value of any one column is corrected for all of them (Westfall and Young 1993, max-T).

Measured on 11 real streams (forward in time, q = 1/30): rolling 20 to 40 blocks alarm on 0.03 to 0.045 of ordinary
blocks and find a lone 0.75 sd move in the next three blocks at 0.45 to 0.58; tests on rows alarm on 0.87 to 0.94.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from watchkeeper.detectors.result import Z_POWER
from watchkeeper.tallies.tally import FloatArray, IntArray

FOLDS = 4
IMMATERIAL = 0.005
_LEAST_LOG_SD = 0.1


@dataclass(frozen=True)
class Movement:
    """Ordinary movement of J statistics, fitted on K blocks: `mean` (J,), `tau2` (J,), and what prediction needs."""

    mean: FloatArray
    tau2: FloatArray
    variance: FloatArray
    inverse_n: FloatArray
    blocks: int
    inflation: float

    @classmethod
    def fit(cls, means: FloatArray, rows: FloatArray, variance: FloatArray) -> Movement:
        """From block means (K, J), rows per block (K, J) and one row's variance (J,)."""
        blocks = len(means)
        mean = means.mean(0)
        residual = means - mean
        r = _serial_correlation(residual)
        inflation = (1 + r) / (1 - r)
        square = (residual**2).sum(0) / max(1, blocks - 1)
        square = square * (1 - 1 / blocks) / (1 - 1 / max(1.5, blocks / inflation))
        inverse = (1 / np.maximum(rows, 1.0)).mean(0)
        tau2 = np.maximum(0.0, square - variance * inverse)
        return cls(mean, tau2, np.maximum(variance, 1e-9), inverse, blocks, inflation)

    @property
    def df(self) -> float:
        """Degrees of freedom left after serial correlation, at least 2."""
        return max(2.0, self.blocks / self.inflation - 1)

    def error(self, rows: FloatArray) -> FloatArray:
        """Prediction error (W, J) of a window with `rows` (W, J), movement too small to matter included."""
        own = self.tau2 + self.variance / np.maximum(rows, 1.0)
        fitted = (self.tau2 + self.variance * self.inverse_n) * self.inflation / self.blocks
        return np.sqrt(own + fitted + IMMATERIAL**2)

    def z(self, means: FloatArray, rows: FloatArray) -> FloatArray:
        """Standardised deviation (W, J) of windows from the mean of the blocks."""
        return (means - self.mean) / self.error(rows)


@dataclass(frozen=True)
class BlockJudgement:
    """W windows against K blocks.

    `p` (W, C) is corrected over columns; `part` (W, C) is the statistic that moved most, with its `effect`, its
    interval `low` to `high`, and the `smallest` effect of it that would have been seen.
    """

    p: FloatArray
    part: IntArray
    effect: FloatArray
    low: FloatArray
    high: FloatArray
    smallest: FloatArray


@dataclass(frozen=True)
class BlockNull:
    """Ordinary movement of C columns, learned from K blocks in time order; `owner` (J,) says whose a statistic is."""

    movement: Movement
    owner: IntArray
    log_mean: float
    log_sd: float

    @classmethod
    def fit(
        cls, means: FloatArray, rows: FloatArray, variance: FloatArray, owner: IntArray, folds: int = FOLDS
    ) -> BlockNull:
        """From block means (K, J), rows (K, J), one row's variance (J,)."""
        scores = column_scores(_cross_fitted_z(means, rows, variance, folds), owner).max(1)
        logs = np.log(scores + 1e-9)
        return cls(
            Movement.fit(means, rows, variance), owner, float(logs.mean()), max(float(logs.std(ddof=1)), _LEAST_LOG_SD)
        )

    @property
    def blocks(self) -> int:
        """K."""
        return self.movement.blocks

    def p(self, score: FloatArray) -> FloatArray:
        """Chance that an ordinary window's largest column scores as high."""
        t = (np.log(score + 1e-9) - self.log_mean) / (self.log_sd * np.sqrt(1 + 1 / self.blocks))
        return special.stdtr(self.blocks - 1, -t)

    def critical(self, q: float) -> float:
        """The column score whose p is q."""
        t = -special.stdtrit(self.blocks - 1, q)
        return float(np.exp(self.log_mean + t * self.log_sd * np.sqrt(1 + 1 / self.blocks)))

    def judge(self, means: FloatArray, rows: FloatArray, q: float) -> BlockJudgement:
        """Judge windows: means (W, J), rows (W, J), at level q."""
        z = self.movement.z(means, rows)
        columns = int(self.owner.max()) + 1
        first = np.searchsorted(self.owner, np.arange(columns))
        parts = np.stack([start + np.abs(z[:, self.owner == c]).argmax(1) for c, start in enumerate(first)], 1).astype(
            np.int64
        )
        effect = np.take_along_axis(means - self.movement.mean, parts, 1)
        error = np.take_along_axis(self.movement.error(rows), parts, 1)
        sampling = np.take_along_axis(self._sampling_error(rows), parts, 1)
        band = special.stdtrit(self.movement.df, 0.975) * sampling
        alone = np.sqrt(np.bincount(self.owner, minlength=columns))
        return BlockJudgement(
            p=self.p(column_scores(z, self.owner)),
            part=parts,
            effect=effect,
            low=effect - band,
            high=effect + band,
            smallest=(self.critical(q) * alone + Z_POWER) * error,
        )

    def _sampling_error(self, rows: FloatArray) -> FloatArray:
        """Error of the effect itself: this window's rows, and the mean of the blocks."""
        m = self.movement
        return np.sqrt(
            m.variance / np.maximum(rows, 1.0) + (m.tau2 + m.variance * m.inverse_n) * m.inflation / m.blocks
        )


def column_scores(z: FloatArray, owner: IntArray) -> FloatArray:
    """(W, J) -> (W, C) root mean square of each column's statistics; `owner` ascends."""
    starts = np.searchsorted(owner, np.arange(int(owner.max()) + 1))
    total = np.add.reduceat(z**2, starts, axis=1)
    return np.sqrt(total / np.bincount(owner))


def _cross_fitted_z(means: FloatArray, rows: FloatArray, variance: FloatArray, folds: int) -> FloatArray:
    """The z (K, J) of every block, judged by the other folds."""
    fold = np.arange(len(means)) * folds // len(means)
    z = np.empty_like(means)
    for f in np.unique(fold):
        mine = fold == f
        z[mine] = Movement.fit(means[~mine], rows[~mine], variance).z(means[mine], rows[mine])
    return z


def _serial_correlation(residual: FloatArray) -> float:
    """Lag-1 correlation of blocks, pooled over statistics and corrected for small K, between 0 and 0.8."""
    weight = 1 / np.maximum((residual**2).sum(0), 1e-30)
    r = float(np.mean((residual[1:] * residual[:-1]).sum(0) * weight))
    return float(np.clip(r + (1 + 3 * r) / len(residual), 0.0, 0.8))
