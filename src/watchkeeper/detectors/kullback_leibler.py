"""Kullback-Leibler divergence: the information lost by taking the reference for the law of the window, in nats.

KL = sum w ln(w / r) over cells, w and r the shares of window and reference, half a row added to each cell so that an
empty one is not infinite. It is not symmetric: cells that the window has and the reference lacks weigh most. Numbers on
about 12 cells of equal reference mass, categories on their levels.

Sees and misses what `chi_square` does; overweights what is new in the window, all but ignores cells that empty out.
p: under *no change* 2 (nm/(n+m)) KL is chi-square in the limit (Kullback 1959), on cells with the rare ones joined.
Interval: moments of the noncentral chi-square. Parameters: floor 0.01. It describes; it has no weight in the decision.
Equals scipy.stats.entropy(w, r) to 1e-12 on the same cells, half rows added.

Kullback, Leibler, *On information and sufficiency*, Annals of Mathematical Statistics 22 (1951).
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


def kullback_leibler(samples: Samples, bar: Bar) -> Result:
    """Divergence of the cells' shares in nats, (...), rare cells joined.

    >>> import numpy as np
    >>> f"{kullback_leibler(Samples(np.array([500.0, 500.0]), np.array([20.0, 80.0])), Bar()).effect:.2f}"
    '0.19'
    """
    cells, shape = pooled_cells(samples)
    live = (cells.window + cells.reference) > 0
    terms = special.rel_entr(_shares(cells.window, cells), _shares(cells.reference, cells))
    divergence = np.maximum(np.where(live, terms, 0.0).sum(1), 0.0)
    x2 = 2 * cells.effective_n * divergence
    p = np.where(cells.df > 0, special.chdtrc(np.maximum(cells.df, 1), x2), 1.0)
    root = quadratic_result(x2, p, cells, Bar(level=bar.level, floor=float(np.sqrt(2 * bar.floor))), shape)
    return Result(
        statistic=root.statistic,
        effect=divergence.reshape(shape),
        low=root.low**2 / 2,
        high=root.high**2 / 2,
        p_value=root.p_value,
        gate=root.gate,
        smallest=root.smallest**2 / 2,
    )


def _shares(counts: FloatArray, cells: Cells) -> FloatArray:
    return (counts + _PSEUDO) / np.maximum(counts.sum(1) + _PSEUDO * cells.live, _PSEUDO)[:, None]
