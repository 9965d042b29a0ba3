"""Vectors are read from whatever holds them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.detectors.embedding.vectors import holds_vectors, vectors
from watchkeeper.events.errors import BadInput

ROWS = [[1.0, 2, 3], None, [4, 5, 6]]
TENSOR = pa.FixedShapeTensorArray.from_numpy_ndarray(np.arange(12.0).reshape(2, 2, 3))


@pytest.mark.parametrize(
    "values",
    [
        ROWS,
        pa.array(ROWS),
        pa.array(ROWS, pa.large_list(pa.float32())),
        pa.array(ROWS, pa.list_(pa.float64(), 3)),
        pa.chunked_array([pa.array(ROWS[:1]), pa.array(ROWS[1:], pa.list_(pa.float64()))]),
    ],
)
def test_lists_of_every_sort(values: Any) -> None:
    known, rows = vectors(values)
    assert known.tolist() == [True, False, True]
    np.testing.assert_array_equal(rows, [[1, 2, 3], [4, 5, 6]])


def test_a_slice_of_a_column_is_read_from_its_own_start() -> None:
    for kind in (pa.list_(pa.float64()), pa.list_(pa.float64(), 3)):
        known, rows = vectors(pa.array(ROWS, kind).slice(1))
        assert known.tolist() == [False, True]
        np.testing.assert_array_equal(rows, [[4, 5, 6]])


def test_arrays_and_tensors_are_flattened() -> None:
    assert vectors(np.zeros((4, 2, 3)))[1].shape == (4, 6)
    np.testing.assert_array_equal(vectors(TENSOR)[1], np.arange(12.0).reshape(2, 6))


def test_vectors_of_another_width_or_with_a_gap_are_not_known() -> None:
    known, rows = vectors([[1, 2], [3, 4], [5], [6, np.nan], [7, np.inf]])
    assert known.tolist() == [True, True, False, False, False]
    assert rows.shape == (2, 2)
    assert vectors(np.zeros((3, 2)), 5)[0].tolist() == [False] * 3


@pytest.mark.parametrize("values", [["a", "b"], pa.array([1, 2]), pa.array([["a"]]), [None, None]])
def test_what_holds_no_vectors_is_refused(values: Any) -> None:
    with pytest.raises(BadInput):
        vectors(values)


def test_types_that_hold_vectors() -> None:
    assert holds_vectors(pa.list_(pa.int16()))
    assert holds_vectors(TENSOR.type)
    assert not holds_vectors(pa.list_(pa.string()))
    assert not holds_vectors(pa.float64())
