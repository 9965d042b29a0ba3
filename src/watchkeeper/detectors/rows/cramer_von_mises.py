"""Cramer-von Mises on rows: the mean squared gap of the two cumulative shares.

scipy.stats.cramervonmises_2samp: exact p for up to 20 rows a side, the limit law beyond. With `blocks`, whole blocks
are dealt instead. (`detectors/cramer_von_mises.py` is the same test on tallies.)

Sees: any change of a column's middle, steadier than Kolmogorov-Smirnov. Cannot see: tails, order. Ties make scipy's
p-value approximate.

Anderson, *On the distribution of the two-sample Cramer-von Mises criterion*, Annals of Mathematical Statistics 33
(1962).

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> result = cramer_von_mises(rng.normal(0, 1, 200), rng.normal(0.5, 1, 100), rng)
>>> f"{result.statistic:.2f}, p {result.p_value:.0e}"
'1.08, p 2e-03'
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from watchkeeper.detectors.rows.cumulative import squared_gaps
from watchkeeper.detectors.rows.pair import Blocks, BoolArray, paired
from watchkeeper.detectors.rows.permutation import PERMUTATIONS, permutation_test
from watchkeeper.detectors.rows.result import RowResult
from watchkeeper.tallies.tally import FloatArray

NAME = "Cramer-von Mises"


def cramer_von_mises(
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
    if pair.blocks is None:
        found = stats.cramervonmises_2samp(values[pair.m :], values[: pair.m])
        return RowResult(test=NAME, statistic=float(found.statistic), p_value=float(found.pvalue), n=pair.n, m=pair.m)

    def statistics(deals: BoolArray) -> FloatArray:
        return squared_gaps(values, deals)

    return permutation_test(NAME, pair, statistics, rng, permutations)
