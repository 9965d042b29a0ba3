from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.compare.row_cells import MISSING, OTHER, cells_of, counted, row_cells
from watchkeeper.events.errors import BadInput
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema

ROWS = pa.table(
    {
        "x": pa.array([None, *np.arange(1.0, 1000.0).tolist()]),
        "letter": ["a"] * 500 + ["b"] * 300 + ["c"] * 150 + ["d"] * 50,
    }
)


@pytest.fixture
def reference() -> Reference:
    return compile_reference(ROWS, infer_schema(ROWS))


def test_numbers_are_cut_into_cells_of_equal_mass(reference: Reference) -> None:
    cells = cells_of(reference, "input.x", 4)
    rows = counted(row_cells(reference, cells, prefixed(ROWS, "input.")), cells.count)
    assert cells.labels[-1] == MISSING
    assert rows[-1] == 1
    assert np.abs(rows[:-1] - 250).max() <= 10
    assert cells.labels[0].startswith("below")
    assert " to " in cells.labels[1]


def test_rare_levels_share_a_cell(reference: Reference) -> None:
    cells = cells_of(reference, "input.letter", 3)
    assert cells.labels == ("a", "b", OTHER, MISSING)
    new = pa.table({"input.letter": ["a", "c", "new", None]})
    assert row_cells(reference, cells, new).tolist() == [0, 2, 2, 3]


def test_unknown_columns_are_told(reference: Reference) -> None:
    with pytest.raises(BadInput, match=r"input\.y"):
        cells_of(reference, "input.y", 3)
    with pytest.raises(BadInput, match="no column"):
        row_cells(reference, cells_of(reference, "input.x", 3), pa.table({"a": [1]}))
