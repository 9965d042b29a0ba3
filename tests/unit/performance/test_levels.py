"""Levels of a column."""

import numpy as np
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.levels import MISSING, Levels, distinct


def test_the_most_frequent_values_come_first_and_the_rest_have_none() -> None:
    levels = Levels.of(["b", "a", None, "a", None, None, 7], most=2)
    assert levels.names == (MISSING, "a")
    assert levels.codes.tolist() == [-1, 1, 0, 1, 0, 0, -1]
    assert len(levels) == 7


def test_a_pair_of_levels_has_a_number_of_its_own() -> None:
    one, two = Levels(("a", "b"), np.array([0, 1, 1, -1])), Levels(("p", "q", "r"), np.array([2, 0, -1, 1]))
    assert one.pairs(two).tolist() == [2, 3, -1, -1]


def test_a_code_beyond_the_names_is_refused() -> None:
    with pytest.raises(BadInput, match="not one of 1 levels"):
        Levels(("a",), np.array([0, 1]))
    assert len(Levels((), np.zeros(0, np.int64))) == 0


def test_levels_that_look_alike_keep_names_of_their_own() -> None:
    assert distinct(("a", "missing", "other levels", "missing")) == (
        "a",
        "missing",
        "other levels",
        "missing (2)",
    )
