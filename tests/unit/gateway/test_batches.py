from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from tests.helpers.serving import MIXED, NOW_US, served
from watchkeeper.events.arrow import decode_batch, encode_batch
from watchkeeper.events.inference import ENVELOPE, source_of
from watchkeeper.gateway.batches import grouped, inference_batch
from watchkeeper.gateway.capture import Captured

M, MIXED_M = served(), served("mixed", features=MIXED)
OUTPUTS = (np.array([1, 0]), np.array([0.9, 0.1]))


def captured(**changed: Any) -> Captured:
    first = Captured(
        M, 2, np.array([[1.0, 2.0], [np.nan, 4.0]]), OUTPUTS, "id", "mine", NOW_US, NOW_US + 1, 200, None, 7, 10
    )
    return first._replace(**changed)


def test_a_batch_has_the_envelope_then_inputs_then_outputs() -> None:
    batch = inference_batch([captured()])
    assert batch.schema.names == [
        *(field.name for field in ENVELOPE),
        *("input.age", "input.size", "output.label", "output.probability"),
    ]
    assert msgspec.structs.asdict(source_of(batch)) == {"model": "m", "version": "1", "route": "live"}
    rows = batch.to_pylist()
    assert [row["prediction_id"] for row in rows] == ["id:0", "id:1"]
    assert rows[1]["input.age"] is None, "null on the wire is null in the record"
    assert (rows[0]["output.label"], rows[0]["output.probability"]) == ("1", 0.9)
    assert (rows[0]["status"], rows[0]["latency_us"], rows[0]["request_id"]) == (200, 7, "mine")
    assert [row["event_time"].timestamp() for row in rows] == [NOW_US / 1e6] * 2


def test_single_rows_have_the_request_s_id_itself() -> None:
    items = [
        captured(n=1, rows=np.ones((1, 2)), outputs=(np.array([1]), np.array([0.5])), prediction_id=f"p{i}")
        for i in range(3)
    ]
    assert inference_batch(items)["prediction_id"].to_pylist() == ["p0", "p1", "p2"]


def test_requests_of_different_sizes_share_a_batch() -> None:
    one = captured(n=1, rows=np.array([[9.0, 9.0]]), outputs=(np.array([0]), np.array([0.2])), prediction_id="one")
    batch = inference_batch([captured(event_time=[1, 2]), one])
    assert batch["prediction_id"].to_pylist() == ["id:0", "id:1", "one"]
    assert batch["event_time"].cast(pa.int64()).to_pylist() == [1, 2, NOW_US]
    assert batch["input.size"].to_pylist() == [2.0, 4.0, 9.0]


def test_a_failed_request_is_a_row_without_outputs() -> None:
    failed = captured(n=1, rows=None, outputs=None, status=400, error="why")
    row = inference_batch([failed]).to_pylist()[0]
    assert (row["status"], row["error"], row["input.age"], row["output.label"]) == (400, "why", None, None)


def test_every_kind_of_column_is_recorded_in_its_type() -> None:
    rows = {
        "age": np.array([1.0, np.nan]),
        "carrier": np.array(["AA", None], dtype=object),
        "member": np.array([1.0, np.nan]),
        "born": np.array(["1950-01-01", "NaT"], dtype="datetime64[us]"),
    }
    batch = inference_batch([captured(served=MIXED_M, rows=rows)])
    assert batch["input.carrier"].to_pylist() == ["AA", None]
    assert pa.types.is_dictionary(batch["input.carrier"].type)
    assert batch["input.member"].to_pylist() == [True, None]
    assert batch["input.born"].null_count == 1
    assert decode_batch(encode_batch(batch)).equals(batch)


def test_without_payload_only_the_envelope_is_kept_in_the_same_schema() -> None:
    full = inference_batch([captured(error="private")])
    bare = inference_batch([captured(error="private")], payload=False)
    assert bare.schema == full.schema
    assert bare["input.age"].null_count == bare["output.label"].null_count == bare["error"].null_count == 2
    assert bare["prediction_id"].to_pylist() == ["id:0", "id:1"]


def test_a_latency_beyond_int32_is_held_at_its_end() -> None:
    assert inference_batch([captured(latency_us=2**40)])["latency_us"].to_pylist() == [2**31 - 1] * 2


def test_groups_are_by_version_and_completeness() -> None:
    failed = captured(outputs=None)
    groups = grouped([captured(), captured(served=MIXED_M), failed, captured()])
    assert sorted(len(items) for items in groups.values()) == [1, 1, 2]
