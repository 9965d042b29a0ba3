from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from watchkeeper.console.example import example_request
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema


def body(*features: Feature) -> list[dict[str, Any]]:
    command = shlex.split(example_request("m", Schema(features=features)).replace("\\\n", " "))
    assert command[:2] == ["curl", "http://127.0.0.1:8080/v2/models/m/infer"]
    inputs: list[dict[str, Any]] = json.loads(command[-1])["inputs"]
    return inputs


@pytest.mark.parametrize(
    ("feature", "datatype", "value"),
    [
        (Feature(name="x", type=FeatureType.NUMERIC, minimum=1, maximum=2), "FP64", 1.5),
        (Feature(name="x", type=FeatureType.NUMERIC), "FP64", 0.0),
        (Feature(name="x", type=FeatureType.INTEGER, minimum=1, maximum=4), "INT64", 2),
        (Feature(name="x", type=FeatureType.BOOLEAN), "BOOL", True),
        (Feature(name="x", type=FeatureType.CATEGORICAL, categories=("it's", "b")), "BYTES", "it's"),
        (Feature(name="x", type=FeatureType.TEXT), "BYTES", "text"),
        (Feature(name="x", type=FeatureType.TIMESTAMP), "BYTES", "2024-01-01T00:00:00Z"),
    ],
)
def test_each_type_has_a_value(feature: Feature, datatype: str, value: object) -> None:
    assert body(feature) == [{"name": "x", "shape": [1], "datatype": datatype, "data": [value]}]


def test_a_hostile_name_stays_one_argument_of_the_shell() -> None:
    hostile = "x'; rm -rf / #$(id)`id`"
    assert body(Feature(name=hostile, type=FeatureType.NUMERIC))[0]["name"] == hostile
