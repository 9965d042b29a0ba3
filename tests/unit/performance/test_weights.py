"""Weights are whole units, and say how much rows are worth."""

import numpy as np
import pytest

from watchkeeper.performance.faults import Faults
from watchkeeper.performance.weights import WEIGHT_ONE, effective, squares, units_of


def test_a_row_without_a_weight_counts_as_itself() -> None:
    weight = units_of(None, 5, Faults(5))
    assert weight.tolist() == [WEIGHT_ONE] * 5
    assert effective(weight.sum(), squares(weight).sum()) == 5


def test_kish_effective_number() -> None:
    weight = units_of([1.0, 1.0, 10.0], 3, Faults(3))
    assert effective(weight.sum(), squares(weight).sum()) == pytest.approx(12**2 / 102)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), 2e5])
def test_impossible_weights_are_faults(bad: float) -> None:
    faults = Faults(2)
    units_of([1.0, bad], 2, faults)
    assert list(faults.reasons) == [1]


def test_no_rows_are_worth_nothing() -> None:
    assert effective(np.zeros(1, np.int64), np.zeros(1, np.int64)).tolist() == [0]
