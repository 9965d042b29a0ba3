from __future__ import annotations

import json
from typing import Any

import msgspec
import numpy as np
import pytest

from watchkeeper.events.errors import BadInput, TooLarge
from watchkeeper.gateway.limits import Limits
from watchkeeper.gateway.protocol import Tensor
from watchkeeper.gateway.tensors import KINDS, shown, tensor_array

LIMITS = Limits(elements=100, text_bytes=10)


def tensor(data: Any, shape: list[int], datatype: str = "FP64") -> Tensor:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Tensor("x", shape, datatype, msgspec.Raw(raw))


@pytest.mark.parametrize("datatype", [name for name in KINDS if name not in ("BYTES", "BOOL")])
def test_every_number_type_gives_float64(datatype: str) -> None:
    found = tensor_array(tensor([1, None, 3], [3], datatype), LIMITS)
    np.testing.assert_array_equal(found, [1.0, np.nan, 3.0])
    assert found.dtype == np.float64


def test_booleans_are_zero_and_one() -> None:
    np.testing.assert_array_equal(tensor_array(tensor([True, False, None], [3], "BOOL"), LIMITS), [1, 0, np.nan])


@pytest.mark.parametrize("data", [[1, 2, 3, 4], [[1, 2], [3, 4]]])
def test_data_may_be_flat_or_nested(data: Any) -> None:
    np.testing.assert_array_equal(tensor_array(tensor(data, [2, 2]), LIMITS), [[1, 2], [3, 4]])


def test_texts_keep_null_and_the_empty_string_apart() -> None:
    found = tensor_array(tensor(["a", None, ""], [3], "BYTES"), LIMITS)
    assert found.tolist() == ["a", None, ""]
    assert tensor_array(tensor([["a"], [None]], [2, 1], "BYTES"), LIMITS).tolist() == [["a"], [None]]


@pytest.mark.parametrize(
    ("data", "shape", "datatype", "says"),
    [
        ([1], [2], "FP64", "2 values, but its data hold 1"),
        ([1, 2], [1], "FP64", "1 values, but its data hold 2"),
        ([[1, 2]], [2, 2], "FP64", "hold 1 rows"),
        ([[1, 2], [3]], [2, 2], "FP64", "row 1 of its data has 1 values instead of 2"),
        (["1"], [1], "FP64", "not FP64"),
        ([True], [1], "FP64", "not FP64"),
        ([1.5], [1], "INT64", "not INT64"),
        ([300], [1], "UINT8", "not UINT8"),
        ([-1], [1], "UINT32", "not UINT32"),
        ([2**63], [1], "INT64", "not INT64"),
        ([1], [1], "BOOL", "not BOOL"),
        ([1], [1], "BYTES", "not BYTES"),
        ([1], [1], "BF16", "has datatype 'BF16'"),
        ([1], [], "FP64", "0 dimensions"),
        ([1], [1, 1, 1], "FP64", "3 dimensions"),
        ([], [0], "FP64", "at least one row"),
        ([1], [-1], "FP64", "no negative size"),
        (b"[NaN]", [1], "FP64", "send null for a missing value"),
        (b"[1e999]", [1], "FP64", "not FP64"),
        (b'"text"', [1], "FP64", "not FP64"),
        (b"{}", [1], "FP64", "not FP64"),
        (b"", [1], "FP64", "has no data"),
        (b'["\xff"]', [1], "BYTES", "not valid UTF-8"),
        ([[[1]]], [1, 1], "FP64", "not FP64"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(data: Any, shape: list[int], datatype: str, says: str) -> None:
    with pytest.raises(BadInput) as caught:
        tensor_array(tensor(data, shape, datatype), LIMITS)
    assert says in str(caught.value)
    assert "'x'" in str(caught.value)


def test_sizes_are_checked_before_the_data_are_parsed() -> None:
    with pytest.raises(TooLarge, match="more than 100"):
        tensor_array(tensor(b"not even JSON", [101]), LIMITS)
    with pytest.raises(TooLarge, match="text of 11 characters"):
        tensor_array(tensor(["x" * 11], [1], "BYTES"), LIMITS)


def test_a_clients_word_is_quoted_and_short() -> None:
    assert shown("a\n" + "b" * 200) == repr("a\n" + "b" * 78)
