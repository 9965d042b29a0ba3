from __future__ import annotations

import numpy as np

from watchkeeper.detectors.pieces import in_pieces
from watchkeeper.tallies.tally import FloatArray


def test_pieces_give_what_one_call_gives() -> None:
    rows = np.random.default_rng(0).random((3, 70, 300))
    sizes: list[int] = []

    def moments(part: FloatArray) -> tuple[FloatArray, FloatArray]:
        sizes.append(len(part))
        return part.sum(1), (part**2).sum(1)

    total, squares = in_pieces(moments, rows)
    np.testing.assert_array_equal(total, rows.sum(-1))
    np.testing.assert_array_equal(squares, (rows**2).sum(-1))
    assert max(sizes) == 44
    assert sum(sizes) == 210


def test_no_rows_and_no_leading_axes() -> None:
    (empty,) = in_pieces(lambda part: (part.sum(1),), np.zeros((0, 4)))
    assert empty.shape == (0,)
    (single,) = in_pieces(lambda part: (part.sum(1),), np.ones(4))
    assert single.shape == ()
    assert single == 4
