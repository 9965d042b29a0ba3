"""Energy distance: rows of two samples are further from each other than from their own kind.

E = 2 mean |X - Y| - mean |X - X'| - mean |Y - Y'|, at least 0, and 0 only for equal laws. In one dimension it is the
square of scipy.stats.energy_distance. Columns are brought to standard deviations first (`standardise`), or the column
with the largest unit decides alone.

Sees: any difference of the joint law, means best of all. Cannot see, at moderate n: a change of dependence with the
same marginals in many dimensions. Heavy tails cost power; a column of mere noise dilutes it.
p: permutation. Time and memory grow with the square of the rows: at most 8,000 in all. In several columns it equals
the definition on scipy's cdist. Parameters: `permutations`, `blocks`, `standardise`.

Szekely, Rizzo, *Testing for equal distributions in high dimension*, InterStat 5 (2004).

>>> import numpy as np
>>> rng = np.random.default_rng(1)
>>> result = energy_distance(rng.normal(0, 1, (200, 3)), rng.normal(0.5, 1, (100, 3)), rng)
>>> round(result.p_value, 3)
0.005
"""

from __future__ import annotations

from typing import Any

import numpy as np

from watchkeeper.detectors.rows.distances import pair_sums, squared_distances
from watchkeeper.detectors.rows.pair import Blocks, BoolArray, paired
from watchkeeper.detectors.rows.permutation import PERMUTATIONS, permutation_test
from watchkeeper.detectors.rows.result import RowResult
from watchkeeper.tallies.tally import FloatArray

NAME = "energy distance"


def energy_distance(
    reference: Any,
    window: Any,
    rng: np.random.Generator,
    *,
    permutations: int = PERMUTATIONS,
    blocks: Blocks | None = None,
    standardise: bool = True,
) -> RowResult:
    """Test two samples of rows (rows,) or (rows, columns); raises BadInput, TooLarge."""
    pair = paired(reference, window, blocks).limited()
    if refused := pair.refusal(NAME):
        return refused
    distances = np.sqrt(squared_distances(pair.standardised if standardise else pair.rows))

    def statistics(deals: BoolArray) -> FloatArray:
        sums = pair_sums(distances, deals)
        return 2 * sums.between / (sums.n * sums.m) - sums.window / sums.n**2 - sums.reference / sums.m**2

    return permutation_test(NAME, pair, statistics, rng, permutations)
