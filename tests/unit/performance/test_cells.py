"""Counting adds exactly: any grouping and order of rows gives the same bits, weights included."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers import labelled
from watchkeeper.performance.cells import LIMIT, Cells, Counted, amounts, sum_cells, tally_rows
from watchkeeper.performance.layout import Layout, layout_for
from watchkeeper.performance.pairs import Pairs

SCORES, TRUTH = labelled.binary_data(n=400)
WEIGHTS = np.random.default_rng(1).uniform(1, 50, 400)


def cases() -> list[tuple[Layout, Pairs]]:
    ranking, _, _ = labelled.ranking_pairs(queries=400)
    rewards = labelled.reward_pairs(np.random.default_rng(2).normal(size=400), WEIGHTS)
    return [
        (layout_for("binary", ("0", "1")), labelled.binary_pairs(SCORES, TRUTH, weights=WEIGHTS)),
        (layout_for("multiclass", tuple("abcd")), labelled.multiclass_pairs(*labelled.multiclass_data(n=400))),
        (layout_for("regression"), labelled.regression_pairs(*labelled.regression_data(n=400))),
        (layout_for("ranking"), ranking),
        (layout_for("reward"), rewards),
    ]


@pytest.mark.parametrize(("layout", "pairs"), cases(), ids=lambda one: getattr(one, "kind", ""))
@settings(max_examples=15)
@given(data=st.data())
def test_groups_add_up_to_the_whole_in_any_order(layout: Layout, pairs: Pairs, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, 400), max_size=4)))
    parts = layout.tally_groups(pairs, np.array([0, *cuts, 400]))
    whole = layout.tally(pairs)
    total = parts[-1]
    for part in parts[:-1]:
        total += part
    assert total == whole
    assert [int(layout.cells.rows(part.counts)) for part in parts] == np.diff([0, *cuts, 400]).tolist()


def test_more_rows_than_a_chunk() -> None:
    scores, truth = labelled.binary_data(n=70_000)
    layout, pairs = layout_for("binary", ("0", "1")), labelled.binary_pairs(scores, truth)
    bounds = np.array([0, 10, 10, 40_000, 69_999, 70_000])
    parts = layout.tally_groups(pairs, bounds)
    assert [int(layout.cells.rows(part.counts)) for part in parts] == np.diff(bounds).tolist()
    assert layout.tally(pairs) == sum(parts[1:], parts[0])


def test_a_weight_counts_rows_as_often_as_it_says() -> None:
    layout = layout_for("binary", ("0", "1"))
    once = layout.tally(labelled.binary_pairs(SCORES, TRUTH, weights=np.full(400, 3.0)))
    thrice = layout.tally(labelled.binary_pairs(np.tile(SCORES, 3), np.tile(TRUTH, 3)))
    head = layout.cells.start("negative")
    assert np.array_equal(once.counts[head:], thrice.counts[head:])
    assert layout.cells.rows(once.counts) == 400
    assert layout.cells.effective(once.counts) == 400


def test_runs_follow_the_head() -> None:
    cells = Cells({"one": 1, "three": 3})
    assert (cells.start("rows"), cells.start("one"), cells.start("three"), cells.size) == (0, 3, 4, 7)
    assert cells.part(np.arange(7) * 256, "three").tolist() == [4, 5, 6]


def test_sums_keep_small_values_and_hold_large_ones() -> None:
    cells = Cells(sum_cells("x"))
    for values in (np.array([1e-4, -3e-4]), np.array([100.0, -128.0]), np.full(3, 1e9)):
        held = np.clip(values, -LIMIT, LIMIT)
        counts = tally_rows(cells, Counted([], amounts(values, "x")), np.full(len(values), 256)).counts
        assert cells.total(counts, "x") == pytest.approx(held.sum(), abs=1e-7)
        assert cells.total_sq(counts, "x") == pytest.approx((held**2).sum(), rel=1e-4)


def test_a_full_tally_does_not_overflow() -> None:
    cells = Cells(sum_cells("x"))
    one = tally_rows(cells, Counted([], amounts(np.array([LIMIT]), "x")), np.array([256])).counts
    many = one * (1 << 24) - one  # as many rows at the limit, counted at once
    assert cells.total(many, "x") == LIMIT * ((1 << 24) - 1)
    assert cells.total_sq(many, "x") == LIMIT**2 * ((1 << 24) - 1)
