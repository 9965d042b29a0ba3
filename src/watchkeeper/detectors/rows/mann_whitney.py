"""Mann-Whitney: does a value of the window tend to lie above one of the reference?

scipy.stats.mannwhitneyu, two-sided: exact p for small samples without ties, the normal limit with its correction for
ties otherwise. U / (n m) is the chance that a window's value is the larger. With `blocks`, whole blocks are dealt
instead and the statistic is still U.

Sees: a shift, in values of any law. Cannot see: a change of spread or shape about the same middle.
Parameters: `blocks`, and with them `permutations`.

Mann, Whitney, *On a test of whether one of two random variables is stochastically larger than the other*, Annals of
Mathematical Statistics 18 (1947).

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> result = mann_whitney(rng.normal(0, 1, 200), rng.normal(0.5, 1, 100), rng)
>>> f"p {result.p_value:.0e}, {result.note}"
"p 7e-04, a window's value is the larger with chance 0.620"
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from scipy import stats

from watchkeeper.detectors.rows.pair import Blocks, BoolArray, Pair, paired
from watchkeeper.detectors.rows.permutation import PERMUTATIONS, Statistics, permutation_test
from watchkeeper.detectors.rows.result import RowResult
from watchkeeper.tallies.tally import FloatArray

NAME = "Mann-Whitney"


def mann_whitney(
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
    found = stats.mannwhitneyu(values[pair.m :], values[: pair.m], alternative="two-sided")
    u = float(found.statistic)
    note = f"a window's value is the larger with chance {u / (pair.n * pair.m):.3f}"
    if pair.blocks is None:
        return RowResult(test=NAME, statistic=u, p_value=float(found.pvalue), n=pair.n, m=pair.m, note=note)
    dealt = permutation_test(NAME, pair, _distance_from_half(pair), rng, permutations, note=note)
    return dataclasses.replace(dealt, statistic=u)


def _distance_from_half(pair: Pair) -> Statistics:
    """|U / (n m) - 1/2| for deals (N, P)."""
    ranks = stats.rankdata(pair.values)

    def statistics(deals: BoolArray) -> FloatArray:
        n = deals.sum(0)
        above = ranks @ deals - n * (n + 1) / 2
        return np.abs(above / (n * (len(ranks) - n)) - 0.5)

    return statistics
