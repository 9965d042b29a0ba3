"""Columns compiled apart and joined are the columns compiled together, bit for bit."""

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.joining import join_columns
from watchkeeper.schema.inference import infer_schema

rng = np.random.default_rng(8)
TABLE = pa.table({"x": rng.normal(size=500), "c": rng.choice(list("abc"), 500), "y": rng.integers(0, 9, 500)})


@pytest.mark.parametrize("times", [None, pa.array(np.arange(500) * 3600.0)], ids=["no time", "time"])
def test_apart_and_joined_is_together(times: pa.Array | None) -> None:
    apart = [
        compile_reference(TABLE.select(names), infer_schema(TABLE.select(names)), times=times)
        for names in (["x", "y"], ["c"])
    ]
    joined = join_columns(apart, TABLE.column_names, TABLE)
    assert joined.dependence is not None
    assert joined.to_bytes() == compile_reference(TABLE, infer_schema(TABLE), times=times).to_bytes()
