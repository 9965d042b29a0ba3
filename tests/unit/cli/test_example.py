"""The example that `up` prints is a request that the model takes."""

from __future__ import annotations

import json
import shlex

from watchkeeper.cli.example import curl_line, example_request
from watchkeeper.gateway.protocol import decode_request
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.schema import Schema

SCHEMA = Schema(
    features=(
        Feature(name="age", type=FeatureType.NUMERIC, minimum=0.0, maximum=81.23456),
        Feature(name="size", type=FeatureType.INTEGER, minimum=1.0, maximum=4.0),
        Feature(name="carrier", type=FeatureType.CATEGORICAL, categories=("O'Hare", "B6")),
        Feature(name="member", type=FeatureType.BOOLEAN),
        Feature(name="note", type=FeatureType.TEXT),
        Feature(name="at", type=FeatureType.TIMESTAMP),
        Feature(name="free", type=FeatureType.NUMERIC),
        Feature(name="open", type=FeatureType.CATEGORICAL),
    )
)


def test_one_value_of_each_type() -> None:
    request = example_request(SCHEMA)
    assert [tensor["data"][0] for tensor in request["inputs"]] == [
        40.62,
        2,
        "O'Hare",
        True,
        "some text",
        "2026-01-01T12:00:00Z",
        0.0,
        "a",
    ]
    assert len(decode_request(json.dumps(request).encode()).inputs) == 8


def test_the_line_survives_a_shell() -> None:
    words = shlex.split(curl_line("http://127.0.0.1:8080", "late", SCHEMA))
    assert words[2] == "http://127.0.0.1:8080/v2/models/late/infer"
    assert json.loads(words[4]) == example_request(SCHEMA)
