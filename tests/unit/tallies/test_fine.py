from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.tallies.bins import count
from watchkeeper.tallies.fine import fine_bins, folded
from watchkeeper.tallies.numeric import NumericBins

RNG = np.random.default_rng(5)
COLUMNS = {
    "normal": RNG.normal(1e6, 3, 3000),
    "tiny scale": 1 + 1e-5 * RNG.normal(size=500),
    "atoms": RNG.integers(0, 4, 700).astype(float),
    "constant": np.full(50, 3.5),
    "outlier": np.append(RNG.normal(size=300), 1e300),
    "huge": np.array([1e300, -1e300] * 30),
    "faults": np.array([np.nan, np.inf, -np.inf, 1.0, 2.0]),
    "nothing": np.zeros(0),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_folding_gives_what_fitting_and_counting_give(name: str) -> None:
    column = pa.array(COLUMNS[name])
    plain = NumericBins.fit(column, minimum=0.0, maximum=9.0, whole=True)
    fine = fine_bins(COLUMNS[name], minimum=0.0, maximum=9.0, whole=True)
    bins, tally = folded(fine, count(fine, column))
    assert bins.to_dict() == plain.to_dict()
    assert tally == count(plain, column)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(width=64) | st.none(), max_size=60))
def test_so_it_does_for_any_column(values: list[float | None]) -> None:
    column = pa.array(values, pa.float64())
    plain = NumericBins.fit(column)
    fine = fine_bins(np.array([v for v in values if v is not None], float))
    bins, tally = folded(fine, count(fine, column))
    assert bins.to_dict() == plain.to_dict()
    assert tally == count(plain, column)
