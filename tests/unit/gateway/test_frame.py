from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from tests.helpers.serving import MIXED, NUMBERS
from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.gateway.frame import FrameReader
from watchkeeper.gateway.limits import Limits
from watchkeeper.gateway.protocol import Tensor
from watchkeeper.models.rows import Layout

MATRIX = FrameReader(NUMBERS, Layout.MATRIX, Limits(elements=100, tensors=4))
COLUMNS = FrameReader(MIXED, Layout.COLUMNS, Limits())


def tensor(name: str, data: list[Any], datatype: str = "FP64", shape: list[int] | None = None) -> Tensor:
    return Tensor(name, shape or [len(data)], datatype, msgspec.Raw(msgspec.json.encode(data)))


def mixed(**changed: Tensor | None) -> list[Tensor]:
    tensors: dict[str, Tensor | None] = {
        "age": tensor("age", [1.5, None]),
        "carrier": tensor("carrier", ["AA", None], "BYTES"),
        "member": tensor("member", [True, False], "BOOL"),
        "born": tensor("born", ["1950-01-01", None], "BYTES"),
    }
    return [item for item in {**tensors, **changed}.values() if item is not None]


def test_one_matrix_holds_the_features_in_order() -> None:
    n, rows = MATRIX.read([tensor("anything", [[1, 2], [3, None]], shape=[2, 2])])
    assert n == 2
    np.testing.assert_array_equal(rows, [[1, 2], [3, np.nan]])


@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_one_tensor_a_feature_in_any_order(shape: list[int]) -> None:
    n, rows = MATRIX.read([tensor("size", [2, 4], shape=shape), tensor("age", [1, 3], shape=shape)])
    assert n == 2
    np.testing.assert_array_equal(rows, [[1, 2], [3, 4]])


def test_a_columns_model_takes_a_matrix_when_all_is_numbers() -> None:
    _, rows = FrameReader(NUMBERS, Layout.COLUMNS, Limits()).read([tensor("t", [[1, 2]], shape=[1, 2])])
    assert isinstance(rows, dict)
    assert rows["size"].tolist() == [2.0]


def test_each_kind_of_feature_arrives_in_its_layout() -> None:
    n, rows = COLUMNS.read(mixed())
    assert n == 2
    assert isinstance(rows, dict)
    np.testing.assert_array_equal(rows["age"], [1.5, np.nan])
    assert rows["carrier"].tolist() == ["AA", None]
    assert rows["member"].tolist() == [1.0, 0.0]
    assert str(rows["born"][0]) == "1950-01-01T00:00:00.000000"
    assert np.isnat(rows["born"][1])


def test_a_timestamp_may_be_a_number() -> None:
    _, rows = COLUMNS.read(mixed(born=tensor("born", [1359633600, None], "FP64")))
    assert isinstance(rows, dict)
    assert str(rows["born"][0]) == "2013-01-31T12:00:00.000000"


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ([], "no inputs"),
        ([tensor("t", [[1, 2, 3]], shape=[1, 3])], "has 3 columns; the model takes 2"),
        ([tensor("t", [["a", "b"]], "BYTES", [1, 2])], "the features are numbers"),
        ([tensor("t", [1, 2])], "'t' is no feature, and has 1 dimensions"),
        ([tensor("age", [1])], "'size' is missing"),
        ([tensor("age", [1]), tensor("size", [1]), tensor("extra", [1])], "'extra' is no feature"),
        ([tensor("age", [1]), tensor("age", [1]), tensor("size", [1])], "'age' is sent more than once"),
        ([tensor("age", [1, 2]), tensor("size", [1])], "'size' has 1 rows, but 'age' has 2"),
        ([tensor("age", [1, 2], shape=[1, 2]), tensor("size", [1])], "'age' has shape [1, 2]"),
        ([tensor("age", ["x"], "BYTES"), tensor("size", [1])], "'age' is a number"),
    ],
)
def test_what_does_not_fit_the_model_is_refused_by_name(inputs: list[Tensor], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        MATRIX.read(inputs)
    assert says in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ([tensor("t", [[1, 2]], shape=[1, 2])], "'carrier', which is not a number"),
        (mixed(carrier=tensor("carrier", [1, 2])), "'carrier' is text"),
        (mixed(born=tensor("born", ["today", None], "BYTES")), "'born', row 0, is not a time"),
    ],
)
def test_what_does_not_fit_a_mixed_model_is_refused_by_name(inputs: list[Tensor], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        COLUMNS.read(inputs)
    assert says in str(caught.value)


def test_sizes_are_bounded() -> None:
    with pytest.raises(TooLarge, match="5 tensors"):
        MATRIX.read([tensor(name, [1]) for name in "abcde"])
    with pytest.raises(TooLarge, match="51 rows of 2 features"):
        MATRIX.read([tensor("age", [1.0] * 51), tensor("size", [1.0] * 51)])


def test_a_model_of_one_feature_takes_a_column_either_way() -> None:
    reader = FrameReader(NUMBERS[:1], Layout.MATRIX, Limits())
    for name in ("age", "other"):
        n, rows = reader.read([tensor(name, [[1], [2]], shape=[2, 1])])
        assert n == 2
        np.testing.assert_array_equal(rows, [[1], [2]])
