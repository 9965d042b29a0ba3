"""Scores without labels are counted as labelled ones are."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.performance.simulated import binary, layout_of, multiclass
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.said_counts import bins_of, questions, said_counts, true_counts


@pytest.mark.parametrize("pairs", [binary(np.random.default_rng(0), 500), multiclass(np.random.default_rng(0), 500)])
def test_both_counts_hold_every_row_at_its_score(pairs: Pairs) -> None:
    layout = layout_of(pairs)
    said, true = said_counts(layout, pairs), true_counts(layout, layout.tally(pairs).counts)
    assert said.shape == true.shape == (questions(layout), 2, bins_of(layout).size)
    np.testing.assert_array_equal(said.sum(1), true.sum(1))


def test_decisions_are_counted_apart() -> None:
    pairs = binary(np.random.default_rng(0), 500)
    said = said_counts(layout_of(pairs), pairs)
    assert said[0, 1].sum() == np.asarray(pairs.predicted).sum()


def test_the_last_question_of_many_classes_is_whether_the_answer_was_right() -> None:
    pairs = multiclass(np.random.default_rng(0), 500)
    layout = layout_of(pairs)
    assert true_counts(layout, layout.tally(pairs).counts)[-1, 1].sum() == np.sum(
        np.asarray(pairs.truth) == np.asarray(pairs.predicted)
    )
    assert said_counts(layout, pairs)[-1, 0].sum() == 0


def test_counts_of_parts_add() -> None:
    pairs = multiclass(np.random.default_rng(0), 300)
    layout = layout_of(pairs)
    parts = said_counts(layout, pairs.take(slice(0, 100))) + said_counts(layout, pairs.take(slice(100, 300)))
    np.testing.assert_array_equal(parts, said_counts(layout, pairs))


def test_without_scores_there_is_nothing_to_count() -> None:
    pairs = Pairs("binary", ("a", "b"), np.full(3, 256), truth=np.zeros(3, int), predicted=np.zeros(3, int))
    with pytest.raises(BadInput, match="no scores"):
        said_counts(layout_for("binary", ("a", "b")), pairs)
    with pytest.raises(BadInput, match="no probabilities"):
        bins_of(layout_for("regression"))
