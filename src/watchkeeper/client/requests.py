"""Rows to the bodies of requests, and answers back to rows. No sockets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from watchkeeper.events.errors import BadInput
from watchkeeper.events.ids import row_ids

Row = Mapping[str, Any]


class Prediction(msgspec.Struct, frozen=True, kw_only=True):
    """One row's answer. `prediction_id` is what a label of it must name; `outputs` by name."""

    prediction_id: str
    version: str
    outputs: dict[str, Any]


class _Tensor(msgspec.Struct):
    name: str
    data: list[Any]


class _Answer(msgspec.Struct):
    model_version: str
    parameters: dict[str, Any]
    outputs: list[_Tensor]


def infer_body(rows: Sequence[Row], *, request_id: str | None = None, event_time: Any = None) -> bytes:
    """The Open Inference request for `rows`, one tensor a feature; None stands for a missing value.

    `event_time` is one time, or a list, an array or a pandas Series with one for each row.
    """
    if not rows:
        raise BadInput("There are no rows to predict.")
    names = list(dict.fromkeys(name for row in rows for name in row))
    body: dict[str, Any] = {"inputs": [_tensor(name, [row.get(name) for row in rows]) for name in names]}
    if request_id is not None:
        body["id"] = request_id
    if event_time is not None:
        body["parameters"] = {"event_time": plain(event_time)}
    return msgspec.json.encode(body)


def predictions(body: bytes) -> list[Prediction]:
    """The rows of an answer to an infer request."""
    answer = msgspec.json.decode(body, type=_Answer)
    rows = len(answer.outputs[0].data) if answer.outputs else 0
    ids = row_ids(answer.parameters["prediction_id"], rows)
    return [
        Prediction(
            prediction_id=ids[row],
            version=answer.model_version,
            outputs={output.name: output.data[row] for output in answer.outputs},
        )
        for row in range(rows)
    ]


def feedback_body(items: Sequence[Row]) -> bytes:
    """The feedback request for `items`; fields that are None are left out, times may be datetimes."""
    said = [{name: plain(value) for name, value in item.items() if value is not None} for item in items]
    return msgspec.json.encode({"feedback": said})


def plain(value: Any) -> Any:
    """A value for JSON: a time as ISO 8601, what NumPy or pandas holds as Python's; of a list each of its values."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return plain(value.tolist()) if hasattr(value, "tolist") else value


def _tensor(name: str, values: list[Any]) -> dict[str, Any]:
    values = [plain(value) for value in values]
    return {"name": name, "shape": [len(values)], "datatype": _datatype(values), "data": values}


def _datatype(values: list[Any]) -> str:
    present = [value for value in values if value is not None]
    if any(isinstance(value, str) for value in present):
        return "BYTES"
    return "BOOL" if present and all(isinstance(value, bool) for value in present) else "FP64"
