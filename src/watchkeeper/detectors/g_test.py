"""G, the likelihood-ratio test of two samples of categories.

G = 2 sum O ln(O / E) over both samples. It equals 2 (n + m) times the Jensen-Shannon divergence with the samples' sizes
as weights, which is its effect here as a distance: sqrt(G / 2(n + m)), natural logarithms; Cohen-like, near 0 when the
window is tiny beside the reference, so the effect reported is sqrt(G / (nm/(n+m))), comparable with Cohen's w.

Sees and misses what `chi_square` does; kinder to rare cells, less exact in its tail.
p: chi-square tail with Williams' correction (1976). Parameters: floor 0.04. It describes; it has no weight in the
decision. Equals scipy.stats.chi2_contingency(lambda_="log-likelihood", correction=False) before Williams' correction.

Wilks (1938); Williams, *Improved likelihood ratio tests for complete contingency tables*, Biometrika 63 (1976).
"""

from __future__ import annotations

import numpy as np
from scipy import special

from watchkeeper.detectors.cells import pooled_cells
from watchkeeper.detectors.chi_square import quadratic_result
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.samples import Samples
from watchkeeper.tallies.tally import FloatArray


def g_test(samples: Samples, bar: Bar) -> Result:
    """Likelihood-ratio effect over the cells, (...).

    >>> import numpy as np
    >>> result = g_test(Samples(np.array([500.0, 500.0]), np.array([20.0, 80.0])), Bar())
    >>> f"G {result.statistic:.1f}, p {result.p_value:.0e}"
    'G 35.3, p 3e-09'
    """
    cells, shape = pooled_cells(samples)
    total = cells.n + cells.m
    share = (cells.window + cells.reference) / total[:, None]
    g = 2 * (_information(cells.window, share, cells.n) + _information(cells.reference, share, cells.m))
    cells_term = (cells.inverse_shares.sum(1) - 1) * (total / cells.n + total / cells.m - 1)
    williams = 1 + cells_term / (6 * total * np.maximum(cells.df, 1))
    p = np.where(cells.df > 0, special.chdtrc(np.maximum(cells.df, 1), np.maximum(g, 0) / williams), 1.0)
    return quadratic_result(np.maximum(g, 0.0), p, cells, bar, shape)


def _information(counts: FloatArray, share: FloatArray, rows: FloatArray) -> FloatArray:
    expected = share * rows[:, None]
    ratio = np.where(counts > 0, counts / np.maximum(expected, 1e-300), 1.0)
    return (counts * np.log(ratio)).sum(1)
