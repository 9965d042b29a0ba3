"""A function of the user's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.detectors.embedding.own_function import OwnFunction
from watchkeeper.detectors.embedding.passed_through import PassedThrough
from watchkeeper.detectors.embedding.random_projection import RandomProjection
from watchkeeper.events.errors import BadInput

RNG = np.random.default_rng(0)


def lengths(values: list[str]) -> Any:
    return [len(value) for value in values]


def wide(values: list[str]) -> Any:
    return np.array([[len(value) + i for i in range(20)] for value in values])


def test_few_dimensions_stay_and_missing_values_are_not_given() -> None:
    own = OwnFunction.fit(pa.array(["a", "bb"]), RNG, function=lengths)
    assert isinstance(own.then, PassedThrough)
    np.testing.assert_array_equal(own.transform(["ccc", None]), [[3], [np.nan]])
    assert np.isnan(own.transform([None])).all()


def test_many_dimensions_are_projected() -> None:
    own = OwnFunction.fit(["a", "bb", "c"], RNG, function=wide)
    assert isinstance(own.then, RandomProjection)
    assert own.transform(["a"]).shape == (1, 8)


@pytest.mark.parametrize(
    "function", [lambda _: [1.0], lambda values: values, lambda values: np.zeros((len(values), 0))]
)
def test_what_gives_no_row_of_numbers_for_each_value_is_refused(function: Any) -> None:
    with pytest.raises(BadInput, match="embedding function"):
        OwnFunction.fit(["a", "b", "c"], RNG, function=function)


def test_a_function_has_no_file() -> None:
    with pytest.raises(BadInput, match="cannot be written"):
        OwnFunction.fit(["a"], RNG, function=lengths).to_dict()
