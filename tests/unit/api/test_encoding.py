from __future__ import annotations

import inspect
import json
import math

import msgspec
import pytest

from watchkeeper.api.encoding import Json, answering, safe


class Thing(msgspec.Struct):
    value: float


def test_what_is_not_finite_is_null() -> None:
    assert json.loads(bytes(Json([Thing(math.nan), Thing(math.inf), Thing(1.0)]).body)) == [
        {"value": None},
        {"value": None},
        {"value": 1.0},
    ]


def test_an_endpoint_keeps_the_parameters() -> None:
    def twice(number: int) -> int:
        """Twice."""
        return 2 * number

    endpoint = answering(twice)
    assert list(inspect.signature(endpoint).parameters) == ["number"]
    assert endpoint(number=2).body == b"4"


@pytest.mark.parametrize(("value", "expected"), [(1, 1.0), (math.nan, None), (math.inf, None), (-math.inf, None)])
def test_safe(value: float, expected: float | None) -> None:
    assert safe(value) == expected
