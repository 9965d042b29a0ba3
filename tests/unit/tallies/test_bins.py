"""Counting by groups equals counting one group at a time, for every kind of bins, across chunks."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.tallies.bins import CHUNK, Bins, Groups, count, count_groups
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.status import StatusBins

rng = np.random.default_rng(7)
ROWS = CHUNK + 1000
NUMBERS = pa.array(np.where(rng.random(ROWS) < 0.01, np.nan, rng.normal(size=ROWS)))
LETTERS = pa.array(rng.choice(list("abcde"), ROWS))
CODES = pa.array(rng.choice([200, 404, 500], ROWS).astype(np.int16))
CASES = [
    (NumericBins.fit(NUMBERS), NUMBERS),
    (CategoricalBins.fit(LETTERS.slice(0, 100)), LETTERS),
    (StatusBins(), CODES),
]


@pytest.mark.parametrize(("bins", "column"), CASES, ids=lambda case: getattr(case, "kind", ""))
@pytest.mark.parametrize("bounds", [[0, ROWS], [0, 10, 10, 500, ROWS], [0, CHUNK - 1, CHUNK, CHUNK + 1, ROWS], [0, 0]])
def test_groups_equal_one_at_a_time(bins: Bins, column: pa.Array, bounds: list[int]) -> None:
    groups = Groups.zero(len(bounds) - 1, bins.size, bins.extremes)
    count_groups(bins, column, np.array(bounds), groups)
    alone = [count(bins, column.slice(a, b - a)) for a, b in pairwise(bounds)]
    assert groups.tallies() == alone
