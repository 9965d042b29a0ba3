from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.reference.scan import ColumnScan
from watchkeeper.schema.inference import MAX_CATEGORIES, infer_feature

COLUMNS: dict[str, Any] = {
    "numbers": pa.array([1.5, None, float("nan"), float("inf"), -2.0]),
    "whole": pa.array(np.arange(200.0)),
    "few whole": pa.array([1.0, 2.0]),
    "integers": pa.array([3, None, 1]),
    "levels": pa.array(["b", "a", None] * 10),
    "names": pa.array([f"n{i}" for i in range(100)]),
    "flags": pa.array([True, None]),
    "nulls": pa.nulls(4),
    "times": pa.array([1, 2]).cast(pa.timestamp("s")),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_scan_finds_the_feature_that_inference_finds(name: str) -> None:
    column = pa.chunked_array([COLUMNS[name]])
    scan = ColumnScan("x", column.type, len(column))
    for start in range(0, len(column), 7):
        scan.see(column.slice(start, 7))
    assert scan.feature() == infer_feature("x", column)


def test_levels_without_end_are_let_go() -> None:
    column = pa.chunked_array([pa.array([f"n{i // 2}" for i in range(2 * MAX_CATEGORIES + 4)])])
    scan = ColumnScan("x", column.type, len(column))
    scan.see(column.slice(0, 60_000))
    scan.see(column.slice(60_000))
    assert scan.levels is None
    assert scan.feature() == infer_feature("x", column)
