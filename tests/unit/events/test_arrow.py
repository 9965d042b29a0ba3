"""Batches to bytes and back."""

import pyarrow as pa
import pytest

from watchkeeper.events.arrow import decode_batch, encode_batch
from watchkeeper.events.errors import BadInput


def test_round_trip_keeps_values_types_and_metadata() -> None:
    schema = pa.schema([("a", pa.dictionary(pa.int32(), pa.string())), ("b", pa.float64())], metadata={"kind": "x"})
    batch = pa.RecordBatch.from_pylist([{"a": "u", "b": None}, {"a": "v", "b": 1.5}], schema=schema)
    again = decode_batch(encode_batch(batch))
    assert again.equals(batch, check_metadata=True)


@pytest.mark.parametrize("cut", [0, 1, 8, 40])
def test_damaged_bytes_are_bad_input(cut: int) -> None:
    data = encode_batch(pa.record_batch({"a": [1]}))
    with pytest.raises(BadInput):
        decode_batch(data[:cut])
