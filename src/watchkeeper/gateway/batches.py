"""Captured requests to Arrow batches: one of each (model, version, route), redacted before anything else sees it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa

from watchkeeper.events.ids import row_ids
from watchkeeper.events.inference import TIMESTAMP
from watchkeeper.gateway.capture import Captured
from watchkeeper.gateway.catalogue import ServedVersion
from watchkeeper.models.predictor import Outputs
from watchkeeper.models.record import input_arrays, output_arrays
from watchkeeper.models.rows import Rows

Groups = dict[tuple[ServedVersion, bool, bool], list[Captured]]
_INT32_MAX = 2**31 - 1


def grouped(items: Iterable[Captured]) -> Groups:
    """Items that go into one batch: of one served version, and as complete as each other."""
    groups: Groups = defaultdict(list)
    for item in items:
        groups[item.served, item.rows is not None, item.outputs is not None].append(item)
    return groups


def inference_batch(items: Sequence[Captured], *, payload: bool = True) -> pa.RecordBatch:
    """The batch of one group. Without `payload` inputs, outputs and error texts are null: only the envelope is kept."""
    served = items[0].served
    schema = served.batch_schema
    arrays = [*_envelope(items, payload), *_inputs(items, payload), *_outputs(items, payload)]
    columns = [
        array.cast(field.type) if array.type != field.type else array
        for array, field in zip(arrays, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _envelope(items: Sequence[Captured], payload: bool) -> list[pa.Array]:
    counts = [item.n for item in items]
    single = max(counts) == 1
    repeat = None if single else np.repeat(np.arange(len(items)), counts)

    def spread(values: list[object], kind: pa.DataType) -> pa.Array:
        array = pa.array(values, type=kind)
        return array if repeat is None else array.take(pa.array(repeat))

    ids = chain.from_iterable(row_ids(item.prediction_id, item.n) for item in items)
    return [
        pa.array([item.prediction_id for item in items] if single else list(ids), type=pa.string()),
        spread([item.request_id for item in items], pa.string()),
        pa.array(_event_times(items), type=TIMESTAMP),
        spread([item.receive_time for item in items], TIMESTAMP),
        spread([item.status for item in items], pa.int16()),
        spread([item.error if payload else None for item in items], pa.string()),
        spread([min(item.latency_us, _INT32_MAX) for item in items], pa.int32()),
    ]


def _event_times(items: Sequence[Captured]) -> list[int]:
    times: list[int] = []
    for item in items:
        times.extend(item.event_time if isinstance(item.event_time, list) else [item.event_time] * item.n)
    return times


def _inputs(items: Sequence[Captured], payload: bool) -> list[pa.Array]:
    features = items[0].served.schema.features
    if not payload or items[0].rows is None:
        return [pa.nulls(_total(items)) for _ in features]
    return input_arrays(features, _stack([item.rows for item in items if item.rows is not None]))


def _outputs(items: Sequence[Captured], payload: bool) -> list[pa.Array]:
    outputs = items[0].served.schema.outputs
    if not payload or items[0].outputs is None:
        return [pa.nulls(_total(items)) for _ in outputs]
    found: list[Outputs] = [item.outputs for item in items if item.outputs is not None]
    return output_arrays(outputs, tuple(np.concatenate(arrays) for arrays in zip(*found, strict=True)))


def _stack(parts: list[Rows]) -> Rows:
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)  # type: ignore[arg-type]
    return {name: np.concatenate([part[name] for part in parts]) for name in first}  # type: ignore[call-overload]


def _total(items: Sequence[Captured]) -> int:
    return sum(item.n for item in items)
