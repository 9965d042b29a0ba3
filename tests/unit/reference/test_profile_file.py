from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from watchkeeper.events.errors import BadInput
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.profile_file import reference_from, to_file
from watchkeeper.schema.inference import infer_schema

TABLE = pa.table({"x": [1.0, 2.0, 3.0] * 20, "c": ["a", "b", "c"] * 20})
DATA = to_file(compile_reference(TABLE, infer_schema(TABLE)))


def test_a_round_trip_keeps_every_bit() -> None:
    assert to_file(reference_from(DATA)) == DATA


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
@example(20, 1)
@example(22, 1)
@example(26, 255)
def test_no_wrong_byte_is_ever_read(place: int, change: int) -> None:
    damaged = bytearray(DATA)
    damaged[place] ^= change
    with pytest.raises(BadInput, match=r"damaged|truncated|not a Watchkeeper profile|format"):
        reference_from(bytes(damaged), "a.wkprofile")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, len(DATA) - 1))
def test_a_truncated_file_says_so(size: int) -> None:
    with pytest.raises(BadInput, match=r"truncated|not a Watchkeeper profile"):
        reference_from(DATA[:size])


def test_another_version_says_so() -> None:
    with pytest.raises(BadInput, match="profile of format 7; this version reads format 1"):
        reference_from(DATA[:10] + b"\x07\x00" + DATA[12:])
