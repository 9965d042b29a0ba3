"""Samples are read one way everywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from watchkeeper.detectors.rows.pair import paired
from watchkeeper.events.errors import BadInput, TooLarge

GOOD = np.arange(6.0)


def test_one_column_may_be_flat_and_several_are_a_matrix() -> None:
    pair = paired([1, 2, 3], (4, 5))
    assert (pair.m, pair.n, pair.rows.shape) == (3, 2, (5, 1))
    np.testing.assert_array_equal(pair.values, [1, 2, 3, 4, 5])
    assert paired(np.ones((4, 3)), np.ones((2, 3))).rows.shape == (6, 3)


@pytest.mark.parametrize(("data", "words"), [
    ([], "no rows"),
    (np.zeros((0, 3)), "no rows"),
    ([1.0, np.nan], "1 rows with missing"),
    ([1.0, np.inf], "missing or infinite"),
    (["a", "b"], "not a number"),
    (np.zeros((2, 2, 2)), "3 dimensions"),
    (np.zeros((2, 2)), "columns"),
    (None, "missing|dimensions"),
])  # fmt: skip
def test_what_cannot_be_read_is_refused(data: Any, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        paired(GOOD, data)
    with pytest.raises(BadInput, match=words):
        paired(data, GOOD)


def test_a_test_of_one_column_refuses_several() -> None:
    with pytest.raises(BadInput, match="one column, not 2"):
        _ = paired(np.ones((3, 2)), np.ones((3, 2))).values


def test_columns_are_standardised_over_both_samples_and_constants_stay() -> None:
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.normal(5, 3, 50), np.full(50, 7.0)])
    standard = paired(rows[:30], rows[30:]).standardised
    np.testing.assert_allclose(standard[:, 0].std(), 1)
    np.testing.assert_allclose(standard.mean(0), 0, atol=1e-12)
    assert not standard[:, 1].any()


def test_refusals_name_the_reason() -> None:
    short = paired(GOOD, [1.0]).refusal("t")
    assert short is not None
    assert short.p_value is None
    assert "not computable: 1 rows against 6" in short.note
    same = paired(np.ones(4), np.ones(3)).refusal("t")
    assert same is not None
    assert same.p_value == 1.0
    assert paired(GOOD, GOOD).refusal("t") is None


def test_too_many_rows_for_a_matrix_of_pairs() -> None:
    with pytest.raises(TooLarge, match="8,000"):
        paired(np.arange(5000.0), np.arange(5000.0)).limited()


def test_blocks_are_numbered_within_their_sample() -> None:
    pair = paired([1, 2, 3], [4, 5], blocks=(["mon", "mon", "tue"], ["mon", "wed"]))
    assert pair.blocks is not None
    assert pair.blocks.tolist() == [0, 0, 1, 2, 3]
    with pytest.raises(BadInput, match="two lists"):
        paired([1, 2, 3], [4, 5], blocks=([1, 2], [1, 2]))
