from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.cell_tallies import CellTallies


def test_rows_are_counted_by_block_cell_and_class() -> None:
    cell, label = np.array([0, 1, 1, 0]), np.array([0, 1, 0, 1])
    loss = np.array([0.0, 1.0, 0.5, 2.0])
    made = CellTallies.of("x", (cell, label), loss, np.array([0, 3, 4]), cells=2, classes=2)
    assert made.rows.tolist() == [[[1, 0], [1, 1]], [[0, 1], [0, 0]]]
    assert made.loss.tolist() == [[0.0, 1.5], [2.0, 0.0]]
    assert made.square.tolist() == [[0.0, 1.25], [4.0, 0.0]]
    assert made.n.tolist() == [[1.0, 2.0], [1.0, 0.0]]


def test_blocks_add_up() -> None:
    rng = np.random.default_rng(1)
    cell, loss = rng.integers(0, 3, 60), rng.random(60)
    blocks = CellTallies.of("x", (cell, None), loss, np.array([0, 20, 60]), cells=3).total()
    whole = CellTallies.of("x", (cell, None), loss, np.array([0, 60]), cells=3)
    assert np.array_equal(blocks.rows, whole.rows)
    assert blocks.loss == pytest.approx(whole.loss)


def test_shapes_are_checked() -> None:
    with pytest.raises(BadInput, match="do not fit"):
        CellTallies("x", np.zeros((2, 3, 1), np.int64), np.zeros((2, 2)), np.zeros((2, 2)))


def test_rows_beyond_the_cells_are_refused() -> None:
    with pytest.raises(BadInput, match="beyond 2 cells"):
        CellTallies.of("x", (np.array([2]), None), np.zeros(1), np.array([0, 1]), cells=2)
