"""The fine grid is ordered, covers every float, and keeps its stated resolution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.tallies import grid

EDGES = grid.cell_edges()
ORDER = grid.order_of_prefix()


def cell(values: list[float]) -> np.ndarray:
    return ORDER[grid.prefixes(np.array(values))]


def test_every_prefix_has_a_place_of_its_own() -> None:
    assert np.array_equal(np.sort(ORDER), np.arange(grid.CELLS))
    finite = EDGES[grid.FIRST_FINITE : grid.LAST_FINITE + 2]
    assert (np.diff(finite[np.isfinite(finite)]) >= 0).all()


@given(st.lists(st.floats(allow_nan=False, width=32), min_size=1))
def test_a_value_lies_in_its_cell(values: list[float]) -> None:
    at = cell(values)
    assert (EDGES[at] <= values).all()
    assert (np.array(values) <= EDGES[at + 1]).all()


@given(st.floats(-1e30, 1e30), st.floats(-1e30, 1e30))
def test_cells_ascend_with_the_value(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert cell([low + 0.0])[0] <= cell([high + 0.0])[0]


@given(st.floats(1e-30, 1e30))
def test_cells_are_narrow_relative_to_the_distance_from_zero(value: float) -> None:
    at = cell([value])[0]
    assert EDGES[at + 1] - EDGES[at] <= value / 127


def test_what_is_not_finite_has_cells_of_its_own() -> None:
    assert cell([np.inf, -np.inf]).tolist() == [grid.POSITIVE_INFINITY, grid.NEGATIVE_INFINITY]
    assert cell([np.nan])[0] > grid.POSITIVE_INFINITY or cell([np.nan])[0] < grid.NEGATIVE_INFINITY
    assert cell([1e300])[0] == grid.POSITIVE_INFINITY, "beyond float32: the caller must tell it from infinity"


@pytest.mark.parametrize("span", [1.0, 3.0, 1e-300, 1e300, 0.75, 2.0**-40])
def test_scale_brings_the_span_near_one(span: float) -> None:
    scale = grid.power_of_two_scale(span)
    assert 0.5 < span * scale <= 1.0
    assert np.frexp(scale)[0] == 0.5, "a power of two loses no bits"


def test_scale_of_no_span_is_one() -> None:
    assert [grid.power_of_two_scale(span) for span in (0.0, np.inf, np.nan)] == [1.0, 1.0, 1.0]
