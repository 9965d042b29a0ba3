"""Jensen-Shannon distance: how far apart two distributions are, on one scale for numbers and categories.

Effect: the root of the Jensen-Shannon divergence in bits, 0 (same) to 1 (nothing in common); a metric (Endres,
Schindelin 2003). Numbers are compared on about 12 cells of equal reference mass, categories on their levels.

Sees: any change of shares; the one measure that ranks columns of every type. Cannot see: order or distance, and at
small n it is never 0: two samples of one law differ by about sqrt(df (1/n + 1/m) / 11).
p: under *no change* 8 ln 2 (nm/(n+m)) JS^2 is chi-square in the limit (Lin 1991: locally JS is chi-square / 8), on
cells with the rare ones joined. Interval: moments of the noncentral chi-square. Parameters: floor 0.02. It describes;
it has no weight in the decision. Equals scipy.spatial.distance.jensenshannon(base=2) on the same cells.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.cells import pooled_cells
from watchkeeper.detectors.chi_square import quadratic_result
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.samples import Samples
from watchkeeper.tallies.tally import FloatArray

_PER_BIT = 8 * np.log(2.0)


def jensen_shannon(samples: Samples, bar: Bar) -> Result:
    """Distance of the cells' shares, (...), rare cells joined.

    >>> import numpy as np
    >>> f"{jensen_shannon(Samples(np.array([500.0, 500.0]), np.array([0.0, 100.0])), Bar()).effect:.3f}"
    '0.558'
    """
    cells, shape = pooled_cells(samples)
    distance = divergence_root(cells.window / cells.n[:, None], cells.reference / cells.m[:, None])
    x2 = _PER_BIT * cells.effective_n * distance**2
    p = np.where(cells.df > 0, special.chdtrc(np.maximum(cells.df, 1), x2), 1.0)
    unit = np.sqrt(_PER_BIT)
    quadratic = quadratic_result(x2, p, cells, Bar(level=bar.level, floor=bar.floor * unit), shape)
    return Result(
        statistic=quadratic.statistic,
        effect=distance.reshape(shape),
        low=quadratic.low / unit,
        high=np.minimum(quadratic.high / unit, 1.0),
        p_value=quadratic.p_value,
        gate=quadratic.gate,
        smallest=quadratic.smallest / unit,
    )


def divergence_root(window: FloatArray, reference: FloatArray) -> FloatArray:
    """(...) Jensen-Shannon distance in [0, 1] of two arrays of shares (..., J) that broadcast."""
    middle = (window + reference) / 2
    divergence = (special.rel_entr(window, middle) + special.rel_entr(reference, middle)).sum(-1) / (2 * np.log(2.0))
    return np.sqrt(np.clip(divergence, 0.0, 1.0))
