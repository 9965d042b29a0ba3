"""Bodies and answers of the client."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pandas as pd
import pytest

from watchkeeper.client.requests import feedback_body, infer_body, predictions
from watchkeeper.events.errors import BadInput


def test_rows_become_a_tensor_a_feature() -> None:
    rows: list[dict[str, Any]] = [
        {"age": 1, "name": "a", "member": True},
        {"age": np.float64(2.5), "name": None, "member": False, "new": 3},
    ]
    body = msgspec.json.decode(infer_body(rows, request_id="o-1", event_time=datetime(2024, 1, 2, tzinfo=UTC)))
    found = {tensor["name"]: (tensor["datatype"], tensor["data"]) for tensor in body["inputs"]}
    assert found == {
        "age": ("FP64", [1, 2.5]),
        "name": ("BYTES", ["a", None]),
        "member": ("BOOL", [True, False]),
        "new": ("FP64", [None, 3]),
    }
    assert (body["id"], body["parameters"]) == ("o-1", {"event_time": "2024-01-02T00:00:00+00:00"})
    with pytest.raises(BadInput):
        infer_body([])


@pytest.mark.parametrize(
    "times",
    [
        [pd.Timestamp("2024-01-02"), pd.Timestamp("2024-01-03")],
        pd.Series(pd.to_datetime(["2024-01-02", "2024-01-03"])),
        np.array(["2024-01-02", "2024-01-03"], dtype="datetime64[us]"),
    ],
)
def test_each_row_may_have_its_time_in_whatever_holds_it(times: Any) -> None:
    body = msgspec.json.decode(infer_body([{"age": 1}, {"age": 2}], event_time=times))
    assert body["parameters"] == {"event_time": ["2024-01-02T00:00:00", "2024-01-03T00:00:00"]}


def test_each_row_of_an_answer_has_its_id() -> None:
    outputs = [{"name": "label", "shape": [2], "datatype": "INT64", "data": [0, 1]}]
    answer = {
        "model_name": "m",
        "model_version": "7",
        "id": "o",
        "parameters": {"prediction_id": "p"},
        "outputs": outputs,
    }
    first, second = predictions(msgspec.json.encode(answer))
    assert (first.prediction_id, second.prediction_id, second.outputs, second.version) == (
        "p:0",
        "p:1",
        {"label": 1},
        "7",
    )


def test_what_is_none_is_left_out() -> None:
    body = feedback_body([{"prediction_id": "p", "label": np.int64(1), "event_time": None}])
    assert msgspec.json.decode(body) == {"feedback": [{"prediction_id": "p", "label": 1}]}
