"""Sums by segment and block are those of the rows."""

import numpy as np
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.levels import Levels
from watchkeeper.performance.segment_blocks import LossRows, Sums


def rows(seed: int = 0, n: int = 400, blocks: int = 5) -> LossRows:
    rng = np.random.default_rng(seed)
    features = {
        "A": Levels(("p", "q"), rng.integers(0, 2, n)),
        "B": Levels(("x", "y", "z"), rng.integers(-1, 3, n)),
    }
    return LossRows(rng.normal(1, 1, n), rng.choice([1.0, 2.5], n), rng.integers(0, blocks, n), blocks, features)


def test_sums_are_those_of_the_rows() -> None:
    some = rows()
    sums = Sums.of(some)
    for place, segment in enumerate(some.segments()):
        for block in range(some.blocks):
            here = some.inside(segment) & (some.block == block)
            weight, loss = some.weight[here], some.loss[here]
            assert sums.weight[place, block] == pytest.approx(weight.sum())
            assert sums.rows[place, block] == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
            assert sums.mean[place, block] == pytest.approx(np.average(loss, weights=weight))
            assert sums.variance[place, block] == pytest.approx(
                np.average(loss**2, weights=weight) - np.average(loss, weights=weight) ** 2
            )


def test_what_is_not_in_a_segment_is_the_rest_and_blocks_add() -> None:
    some = rows()
    inside = some.inside(("A", "p"))
    rest = Sums.whole(some) - Sums.of(some)
    other = Sums.whole(some.only(~inside))
    np.testing.assert_allclose(rest.loss[0], other.loss[0])
    np.testing.assert_allclose(rest.at(np.array([1, 3])).total().weight[0, 0], other.weight[0, [1, 3]].sum())


def test_a_block_without_rows_has_no_mean() -> None:
    nothing = LossRows(np.zeros(0), np.zeros(0), np.zeros(0, np.int64), 2, {"A": Levels(("p",), np.zeros(0, np.int64))})
    sums = Sums.of(nothing)
    assert np.isnan(sums.mean).all()
    assert (sums.rows == 0).all()
    assert Sums.of(LossRows(np.zeros(3), np.ones(3), np.zeros(3, np.int64), 1, {})).weight.shape == (0, 1)


def test_lengths_must_agree() -> None:
    with pytest.raises(BadInput, match="different lengths"):
        LossRows(np.zeros(3), np.ones(2), np.zeros(3, np.int64), 1, {})
