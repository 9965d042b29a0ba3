"""Epps-Singleton: compare the two samples' characteristic functions at two points.

scipy.stats.epps_singleton_2samp, chi-square with 4 degrees of freedom in the limit (about 25 rows a side). With
`blocks`, whole blocks are dealt instead.

Sees: location, spread and shape, in continuous and discrete columns alike. Cannot see: what happens in the far tails.
Not computable below 5 different values a side (its covariance then has no inverse), or where half of all values are one
value (its scale is the interquartile range).

Epps, Singleton, *An omnibus test for the two-sample problem using the empirical characteristic function*, Journal of
Statistical Computation and Simulation 26 (1986).

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> result = epps_singleton(rng.normal(0, 1, 200), rng.normal(0.5, 1, 100), rng)
>>> f"{result.statistic:.1f}, p {result.p_value:.0e}"
'14.5, p 6e-03'
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from watchkeeper.detectors.rows.pair import Blocks, BoolArray, paired
from watchkeeper.detectors.rows.permutation import PERMUTATIONS, permutation_test
from watchkeeper.detectors.rows.result import RowResult
from watchkeeper.tallies.tally import FloatArray

NAME = "Epps-Singleton"
_FEWEST = 5


def epps_singleton(
    reference: Any,
    window: Any,
    rng: np.random.Generator,
    *,
    permutations: int = PERMUTATIONS,
    blocks: Blocks | None = None,
) -> RowResult:
    """Test two samples of one column; `rng` and `permutations` serve only `blocks`. Raises BadInput."""
    pair = paired(reference, window, blocks)
    values = pair.values
    if refused := pair.refusal(NAME):
        return refused
    distinct = [len(np.unique(side)) for side in (values[: pair.m], values[pair.m :])]
    if min(distinct) < _FEWEST or stats.iqr(values) == 0:
        note = "not computable: fewer than 5 different values on a side, or half of all values are the same"
        return RowResult(test=NAME, statistic=None, p_value=None, n=pair.n, m=pair.m, note=note)
    if pair.blocks is None:
        found = stats.epps_singleton_2samp(values[pair.m :], values[: pair.m])
        return RowResult(test=NAME, statistic=float(found.statistic), p_value=float(found.pvalue), n=pair.n, m=pair.m)

    def statistics(deals: BoolArray) -> FloatArray:
        return np.array([stats.epps_singleton_2samp(values[deal], values[~deal]).statistic for deal in deals.T])

    return permutation_test(NAME, pair, statistics, rng, permutations)
