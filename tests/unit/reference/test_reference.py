"""The file form, and blocks of any length from the buckets kept."""

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema

rng = np.random.default_rng(5)
TABLE = pa.table({"x": rng.normal(size=2400), "c": rng.choice(list("ab"), 2400)})
TIMES = pa.array(np.arange(2400) * 3600.0)  # one row an hour, 100 days
REFERENCE = compile_reference(TABLE, infer_schema(TABLE), times=TIMES, bucket=6 * 3600)


def test_file_round_trip_keeps_every_bit() -> None:
    again = Reference.from_bytes(REFERENCE.to_bytes())
    assert again.digest == REFERENCE.digest
    assert again.whole == REFERENCE.whole
    assert again.blocks == REFERENCE.blocks
    assert again.schema == REFERENCE.schema


def test_blocks_of_a_day_are_sums_of_buckets() -> None:
    starts, counts = REFERENCE.blocks_of(86400)
    assert starts.tolist() == [day * 86400 for day in range(100)]
    assert np.array_equal(counts.sum(0), REFERENCE.whole.counts)
    day = REFERENCE.binning.tally(prefixed(TABLE.slice(24, 24), "input."))
    assert np.array_equal(counts[1], day.counts)


def test_a_window_must_be_whole_buckets() -> None:
    with pytest.raises(BadInput, match="multiple of 21600"):
        REFERENCE.blocks_of(3600)


def test_without_time_there_are_no_blocks() -> None:
    starts, counts = compile_reference(TABLE, infer_schema(TABLE)).blocks_of(3600)
    assert (len(starts), counts.shape[0]) == (0, 0)


@pytest.mark.parametrize("data", [b"", b"junk", REFERENCE.to_bytes()[:100]])
def test_damaged_files_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        Reference.from_bytes(data)


def test_another_format_is_named() -> None:
    fields = msgspec.msgpack.decode(REFERENCE.to_bytes()) | {"format": "watchkeeper.reference/9"}
    with pytest.raises(BadInput, match="reference/9"):
        Reference.from_bytes(msgspec.msgpack.encode(fields))
