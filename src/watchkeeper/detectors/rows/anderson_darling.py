"""Anderson-Darling for two samples: Cramer-von Mises with the tails weighted up.

The midrank statistic of scipy.stats.anderson_ksamp before its last standardisation. scipy's own p-value is a table's,
cut to 0.001 at the least and 0.25 at the most, so here rows (or whole `blocks`) are dealt at random instead.

Sees: a change anywhere in a column, the tails too. Cannot see: order; one rare value that appears.
Equals Scholz and Stephens' sum, written as loops, to 1e-9. Parameters: `permutations`, `blocks`.

Scholz, Stephens, *K-sample Anderson-Darling tests*, JASA 82 (1987).

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> result = anderson_darling(rng.normal(0, 1, 200), rng.normal(0.5, 1, 100), rng)
>>> f"{result.statistic:.2f}, p {result.p_value:.4f}"
'6.02, p 0.0050'
"""

from __future__ import annotations

from typing import Any

import numpy as np

from watchkeeper.detectors.rows.cumulative import anderson_darling_squares
from watchkeeper.detectors.rows.pair import Blocks, BoolArray, paired
from watchkeeper.detectors.rows.permutation import permutation_test
from watchkeeper.detectors.rows.result import RowResult
from watchkeeper.tallies.tally import FloatArray

NAME = "Anderson-Darling"


def anderson_darling(
    reference: Any,
    window: Any,
    rng: np.random.Generator,
    *,
    permutations: int = 999,
    blocks: Blocks | None = None,
) -> RowResult:
    """Test two samples of one column; raises BadInput."""
    pair = paired(reference, window, blocks)
    values = pair.values
    if refused := pair.refusal(NAME):
        return refused

    def statistics(deals: BoolArray) -> FloatArray:
        return anderson_darling_squares(values, deals)

    return permutation_test(NAME, pair, statistics, rng, permutations)
