"""Population stability index (PSI): the credit industry's measure of a moved distribution.

PSI = sum (w - r) ln(w / r) over cells, w and r the shares of window and reference, half a row added to each cell so
that an empty one is not infinite. Numbers on about 12 cells of equal reference mass, categories on their levels. By
custom below 0.1 is called stable and above 0.25 moved, whatever n: at small n that custom alarms on noise, so read
the p-value too.

Sees and misses what `chi_square` does; overweights cells that empty out.
p: under *no change* PSI / (1/n + 1/m) is chi-square in the limit (Yurdakul, *Statistical properties of the population
stability index*, 2018), on cells with the rare ones joined. Interval: moments of the noncentral chi-square.
Parameters: floor 0.02. It describes; it has no weight in the decision. Equals the sum written out in NumPy to 1e-9.
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.cells import Cells, pooled_cells
from watchkeeper.detectors.chi_square import quadratic_result
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.samples import Samples
from watchkeeper.tallies.tally import FloatArray

_PSEUDO = 0.5


def stability_index(samples: Samples, bar: Bar) -> Result:
    """PSI of the cells' shares, (...), rare cells joined.

    >>> import numpy as np
    >>> f"{stability_index(Samples(np.array([500.0, 500.0]), np.array([20.0, 80.0])), Bar()).effect:.2f}"
    '0.41'
    """
    cells, shape = pooled_cells(samples)
    window, reference = _shares(cells.window, cells), _shares(cells.reference, cells)
    live = (cells.window + cells.reference) > 0
    terms = (window - reference) * np.log(window / reference)
    index = np.where(live, terms, 0.0).sum(1)
    x2 = cells.effective_n * index
    p = np.where(cells.df > 0, special.chdtrc(np.maximum(cells.df, 1), x2), 1.0)
    root = quadratic_result(x2, p, cells, Bar(level=bar.level, floor=float(np.sqrt(bar.floor))), shape)
    return Result(
        statistic=root.statistic,
        effect=index.reshape(shape),
        low=root.low**2,
        high=root.high**2,
        p_value=root.p_value,
        gate=root.gate,
        smallest=root.smallest**2,
    )


def _shares(counts: FloatArray, cells: Cells) -> FloatArray:
    return (counts + _PSEUDO) / np.maximum(counts.sum(1) + _PSEUDO * cells.live, _PSEUDO)[:, None]
