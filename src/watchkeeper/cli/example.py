"""A request that a model takes, made from its schema: one row in the middle of what each feature was seen to be."""

from __future__ import annotations

import json
import shlex
from typing import Any

from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema

_DATATYPES = {FeatureType.BOOLEAN: "BOOL", FeatureType.INTEGER: "INT64", FeatureType.NUMERIC: "FP64"}


def example_request(schema: Schema) -> dict[str, Any]:
    """The body of an infer request, one tensor a feature."""
    return {"inputs": [_tensor(feature) for feature in schema.features]}


def curl_line(address: str, model: str, schema: Schema) -> str:
    """The same as a command to paste into a shell."""
    body = json.dumps(example_request(schema), ensure_ascii=False)
    return f"curl -s {address}/v2/models/{model}/infer -d {shlex.quote(body)}"


def _tensor(feature: Feature) -> dict[str, Any]:
    datatype = _DATATYPES.get(feature.type, "BYTES")
    return {"name": feature.name, "shape": [1], "datatype": datatype, "data": [_value(feature)]}


def _value(feature: Feature) -> Any:
    match feature.type:
        case FeatureType.BOOLEAN:
            return True
        case FeatureType.CATEGORICAL:
            return feature.categories[0] if feature.categories else "a"
        case FeatureType.TEXT:
            return "some text"
        case FeatureType.TIMESTAMP:
            return "2026-01-01T12:00:00Z"
        case FeatureType.INTEGER:
            return int(_middle(feature))
        case FeatureType.NUMERIC:
            return float(f"{_middle(feature):.4g}")


def _middle(feature: Feature) -> float:
    low = feature.minimum if feature.minimum is not None else 0.0
    high = feature.maximum if feature.maximum is not None else low
    return low / 2 + high / 2
