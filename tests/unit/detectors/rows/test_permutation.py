"""Deals keep what they promise, and p-values are honest."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.rows.pair import BoolArray, Pair, paired
from watchkeeper.detectors.rows.permutation import block_note, deals, p_value, permutation_test
from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.tallies.tally import FloatArray


def pair_of(m: int, n: int, blocks: int | None = None) -> Pair:
    rng = np.random.default_rng(0)
    ids = None if blocks is None else (np.arange(m) // blocks, np.arange(n) // blocks)
    return paired(rng.normal(size=m), rng.normal(size=n), ids)


def test_every_deal_gives_the_window_as_many_rows() -> None:
    dealt = deals(pair_of(20, 10), 50, np.random.default_rng(1))
    assert dealt[:, 0].tolist() == [False] * 20 + [True] * 10
    assert (dealt.sum(0) == 10).all()
    assert 8 <= dealt[:, 1:].sum(1).min() <= dealt[:, 1:].sum(1).max() <= 28


def test_blocks_are_dealt_as_wholes() -> None:
    pair = pair_of(40, 20, blocks=5)
    dealt = deals(pair, 30, np.random.default_rng(2))
    assert pair.blocks is not None
    for block in range(12):
        of_block = dealt[pair.blocks == block]
        assert (of_block.all(0) | ~of_block.any(0)).all()
    assert (dealt.sum(0) == 20).all()
    assert "4 blocks against 8 dealt as wholes, so p cannot be below 0.002" in block_note(pair)


def test_the_p_value_counts_the_deal_that_was_seen() -> None:
    assert p_value(np.array([3.0, 1.0, 2.0, 0.5])) == 0.25
    assert p_value(np.array([1.0, 1.0 + 1e-13, 1.0 - 1e-13, 0.0])) == 0.75
    assert p_value(np.array([0.0, 0.0])) == 1.0


def test_p_values_are_uniform_when_nothing_changed() -> None:
    rng = np.random.default_rng(3)

    def statistics(dealt: BoolArray) -> FloatArray:
        return np.abs(pair.values @ dealt)

    p = []
    for _ in range(300):
        pair = paired(rng.exponential(size=15), rng.exponential(size=10))
        p.append(permutation_test("t", pair, statistics, rng, 19).p_value or 0.0)
    assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.09
    assert np.mean(p) == pytest.approx(0.525, abs=0.05)


def test_impossible_numbers_of_permutations() -> None:
    with pytest.raises(BadInput, match="1 or more"):
        deals(pair_of(5, 5), 0, np.random.default_rng(0))
    with pytest.raises(TooLarge, match="do not fit"):
        deals(pair_of(5, 5), 10**8, np.random.default_rng(0))
