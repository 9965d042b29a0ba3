"""Hellinger distance: how far apart the roots of two distributions' shares are.

H = sqrt(1 - sum sqrt(w r)) over cells, 0 (same) to 1 (nothing in common); a metric, and finite with empty cells.
Numbers on about 12 cells of equal reference mass, categories on their levels.

Sees and misses what `jensen_shannon` does, on nearly the same scale; at small n it is never 0: two samples of one law
differ by about sqrt(df (1/n + 1/m) / 8).
p: under *no change* 8 (nm/(n+m)) H^2 is chi-square in the limit, on cells with the rare ones joined. Interval: moments
of the noncentral chi-square. Parameters: floor 0.02. It describes; it has no weight in the decision. Equals the
Euclidean distance of the roots over sqrt(2), in NumPy, to 1e-7.

Hellinger (1909); Beran, *Minimum Hellinger distance estimates for parametric models*, Annals of Statistics 5 (1977).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.cells import pooled_cells
from watchkeeper.detectors.chi_square import quadratic_result
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.samples import Samples

_UNIT = np.sqrt(8.0)


def hellinger(samples: Samples, bar: Bar) -> Result:
    """Distance of the cells' shares, (...), rare cells joined.

    >>> import numpy as np
    >>> f"{hellinger(Samples(np.array([500.0, 500.0]), np.array([20.0, 80.0])), Bar()).effect:.3f}"
    '0.227'
    """
    cells, shape = pooled_cells(samples)
    roots = np.sqrt(cells.window / cells.n[:, None]) - np.sqrt(cells.reference / cells.m[:, None])
    distance = np.sqrt(np.minimum((roots**2).sum(1) / 2, 1.0))
    x2 = 8 * cells.effective_n * distance**2
    p = np.where(cells.df > 0, special.chdtrc(np.maximum(cells.df, 1), x2), 1.0)
    quadratic = quadratic_result(x2, p, cells, Bar(level=bar.level, floor=bar.floor * _UNIT), shape)
    return Result(
        statistic=quadratic.statistic,
        effect=distance.reshape(shape),
        low=quadratic.low / _UNIT,
        high=np.minimum(quadratic.high / _UNIT, 1.0),
        p_value=quadratic.p_value,
        gate=quadratic.gate,
        smallest=np.minimum(quadratic.smallest / _UNIT, 1.0),
    )
