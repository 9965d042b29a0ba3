from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.dependence import Dependence, evenly, sample_size
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.inference import infer_schema

rng = np.random.default_rng(4)
X = rng.normal(size=3_000)


def compiled(table: pa.Table) -> Reference:
    return compile_reference(table, infer_schema(table))


def learned(columns: dict[str, object]) -> Dependence:
    found = compiled(pa.table(columns)).dependence
    assert found is not None
    return found


def test_a_column_repeated_is_one_direction_and_not_two() -> None:
    apart, twice = learned({"x": X, "y": rng.normal(size=3_000)}), learned({"x": X, "y": X})
    assert apart.moments.trace == twice.moments.trace == 4.0
    assert apart.moments.trace_of_square == pytest.approx(4, rel=0.05)
    assert twice.moments.trace_of_square == pytest.approx(8, rel=0.05)
    assert twice.moments.largest == pytest.approx(2, rel=0.05)


def test_it_travels_with_the_reference() -> None:
    reference = compiled(pa.table({"x": X, "c": rng.choice(np.array(["a", "b"]), 3_000)}))
    assert Reference.from_bytes(reference.to_bytes()).dependence == reference.dependence


def test_clocks_and_tables_too_small_are_left_out() -> None:
    table = pa.table({"x": X, "at": pa.array(np.arange(3_000), pa.timestamp("s"))})
    found = compiled(table).dependence
    assert found is not None
    assert found.columns == ("input.x",)
    assert compiled(table.slice(0, 20)).dependence is None


def test_the_sample_is_fixed_and_smaller_where_there_are_many_scores() -> None:
    assert (sample_size(10**6, 60), sample_size(10**6, 1_000), sample_size(500, 60)) == (50_000, 4_000, 500)
    table = pa.table({"x": np.arange(10)})
    assert evenly(table, 5)["x"].to_pylist() == [0, 2, 4, 6, 8]
    assert evenly(table, 20) is table
