"""A first request for a model, made from its schema: one row, ready to paste."""

from __future__ import annotations

import json
import shlex

from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema

_DATATYPES = {
    FeatureType.NUMERIC: "FP64",
    FeatureType.INTEGER: "INT64",
    FeatureType.BOOLEAN: "BOOL",
}


def example_request(model: str, schema: Schema) -> str:
    """A curl command with one row in the middle of each feature's range."""
    inputs = [_tensor(feature) for feature in schema.features]
    body = json.dumps({"inputs": inputs})
    return (
        f"curl http://127.0.0.1:8080/v2/models/{model}/infer \\\n"
        f"  -H 'content-type: application/json' \\\n  -d {shlex.quote(body)}"
    )


def _tensor(feature: Feature) -> dict[str, object]:
    return {
        "name": feature.name,
        "shape": [1],
        "datatype": _DATATYPES.get(feature.type, "BYTES"),
        "data": [_value(feature)],
    }


def _value(feature: Feature) -> object:
    low, high = feature.minimum, feature.maximum
    middle = (low + high) / 2 if low is not None and high is not None else low or high or 0.0
    match feature.type:
        case FeatureType.NUMERIC:
            return round(middle, 6)
        case FeatureType.INTEGER:
            return int(middle)
        case FeatureType.BOOLEAN:
            return True
        case FeatureType.TIMESTAMP:
            return "2024-01-01T00:00:00Z"
        case _:
            return feature.categories[0] if feature.categories else "text"
