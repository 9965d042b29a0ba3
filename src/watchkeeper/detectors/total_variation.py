"""Total variation: the share of rows that would have to change cell to turn one sample into the other.

TV = half the sum of |window share - reference share|, 0 to 1: the measure that is easiest to say in words. Numbers on
about 12 cells of equal reference mass, categories on their levels, rare ones joined.

Sees: changes of common cells. Cannot see: order or distance; a rare cell that multiplied (`worst_cell` does). At
small n it is never 0: two samples of one law differ by about 0.4 sum sqrt(p (1 - p) (1/n + 1/m)).
p: under *no change* the cells' differences are gaussian with multinomial covariance; the exact mean and variance of the
sum of their absolute values are matched by a gamma (two cells: exactly, by the normal law; three: cautious). Interval:
delta method, by the signs of the differences. Parameters: floor 0.02. It describes; it has no weight in the decision.
Equals half the L1 distance of the shares, in NumPy, to 1e-12.

Levin, Peres, *Markov chains and mixing times* (2017), chapter 4.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.cells import Cells, pooled_cells
from watchkeeper.detectors.pieces import in_pieces
from watchkeeper.detectors.result import Z_CONFIDENCE, Z_GATE, Z_POWER, Bar, Result
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.tails import gamma_tail
from watchkeeper.tallies.tally import FloatArray


def total_variation(samples: Samples, bar: Bar) -> Result:
    """Half the summed change of shares, (...), rare cells joined.

    >>> import numpy as np
    >>> f"{total_variation(Samples(np.array([500.0, 500.0]), np.array([20.0, 80.0])), Bar()).effect:.2f}"
    '0.30'
    """
    cells, shape = pooled_cells(samples)
    effect = np.abs(cells.differences).sum(1) / 2
    mean, variance = _ordinary(cells)
    error = _error(cells)
    values = (
        effect * np.sqrt(cells.effective_n),
        effect,
        np.maximum(effect - Z_CONFIDENCE * error, 0.0),
        np.minimum(effect + Z_CONFIDENCE * error, 1.0),
        np.where(cells.df == 1, _two_cells(effect, mean), gamma_tail(effect, mean, variance)),
        special.ndtr(-(effect - mean - bar.floor) / np.maximum(error, 1e-300)),
        _smallest(mean, variance, cells, bar),
    )
    return Result(*(value.reshape(shape) for value in values))


def _ordinary(cells: Cells) -> tuple[FloatArray, FloatArray]:
    """(rows,) mean and variance of the total variation of two samples of the pooled law."""
    mean, variance = in_pieces(_moments, (cells.window + cells.reference) / (cells.n + cells.m)[:, None])
    return mean / np.sqrt(cells.effective_n), variance / cells.effective_n


def _moments(share: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The same, in n m / (n + m) = 1, for `share` (rows, J)."""
    sd = np.sqrt(share * (1 - share))
    odds = np.sqrt(share / np.maximum(1 - share, 1e-300))
    r = -np.minimum(odds[:, :, None] * odds[:, None, :], 1.0)
    at = np.arange(r.shape[1])
    r[:, at, at] = 1.0
    together = (2 / np.pi) * (np.sqrt(1 - r**2) + r * np.arcsin(r) - 1)
    return np.sqrt(2 / np.pi) * sd.sum(1) / 2, np.einsum("ri,rij,rj->r", sd, together, sd) / 4


def _smallest(mean: FloatArray, variance: FloatArray, cells: Cells, bar: Bar) -> FloatArray:
    """(rows,) the smallest total variation that passes both conditions; its error is at most 1/2 in n m / (n + m)."""
    some = (mean > 0) & (variance > 0)
    scale = np.where(some, variance / np.where(some, mean, 1.0), 0.0)
    critical = scale * special.gammainccinv(np.where(some, mean**2 / np.where(some, variance, 1.0), 1.0), bar.level)
    error = 0.5 / np.sqrt(cells.effective_n)
    needed = np.maximum(critical + Z_POWER * error, mean + bar.floor + (Z_GATE + Z_POWER) * error)
    return np.where(some, np.minimum(needed, 1.0), np.inf)


def _two_cells(effect: FloatArray, mean: FloatArray) -> FloatArray:
    """With two cells it is |a normal variable|, whose mean is sqrt(2 / pi) of its standard deviation."""
    z = effect / np.maximum(mean * np.sqrt(np.pi / 2), 1e-300)
    return 2 * special.ndtr(-z)


def _error(cells: Cells) -> FloatArray:
    """(rows,) standard error: half the sum of signed differences is a difference of means of the signs."""
    signs = np.sign(cells.differences)
    total = np.zeros(len(signs))
    for counts, rows in ((cells.window, cells.n), (cells.reference, cells.m)):
        share = counts / rows[:, None]
        mean = (share * signs).sum(1, keepdims=True)
        total = total + (share * (signs - mean) ** 2).sum(1) / rows
    return np.sqrt(total) / 2
