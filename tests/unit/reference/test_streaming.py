from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.events.errors import BadInput
from watchkeeper.events.inference import INPUT
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import prefixed
from watchkeeper.reference.rows import RowSample, sampled_rows
from watchkeeper.reference.streaming import Clock, Rows, compile_stream, tally_buckets, tally_stream
from watchkeeper.schema.inference import infer_schema

RNG = np.random.default_rng(0)
N = 3000
AT = np.sort(RNG.integers(0, 10**7, N)).astype(float)
TABLE = pa.table(
    {
        "number": RNG.normal(1e5, 3, N),
        "gaps": pa.array([None if x < 0.1 else float("nan") if x < 0.2 else x for x in RNG.random(N)]),
        "whole": RNG.integers(0, 5, N).astype(float),
        "integer": RNG.integers(-9, 9, N),
        "constant": np.full(N, 2.5),
        "outlier": np.append(RNG.normal(size=N - 1), 1e300),
        "nothing": pa.nulls(N),
        "flag": RNG.random(N) < 0.3,
        "level": pa.array([("a", "b", None)[i] for i in RNG.integers(0, 3, N)]),
        "many levels": pa.array([f"l{x}" for x in RNG.zipf(1.3, N) % 500]),
        "shared": pa.array([f"s{x}" for x in RNG.integers(0, 90, N)]).dictionary_encode(),
        "ids": pa.array([f"id-{i}" for i in range(N)]),
        "stamp": pa.array(RNG.integers(0, 10**15, N)).cast(pa.timestamp("us")),
        "decimal": pa.array(RNG.integers(0, 99, N)).cast(pa.decimal128(21, 0)),
    }
)


def cut(table: pa.Table, size: int) -> Rows:
    def read(names: Sequence[str]) -> Iterator[pa.Table]:
        some = table.select(names)
        for start in range(0, table.num_rows, size):
            yield some.slice(start, size)

    names = [name for name in table.column_names if name != "at"]
    return Rows(read, table.select(names).schema, table.num_rows)


def test_batches_compile_to_what_the_whole_table_does() -> None:
    whole = compile_reference(TABLE, infer_schema(TABLE), dependence=False).to_bytes()
    for size in (N, 777):
        assert compile_stream(cut(TABLE, size)).to_bytes() == whole


@pytest.mark.parametrize("order", ["sorted", "shuffled"])
def test_so_they_do_with_time(order: str) -> None:
    at = AT if order == "sorted" else RNG.permutation(AT)
    table = TABLE.append_column("at", pa.array(at))
    whole = compile_reference(TABLE, infer_schema(TABLE), times=table["at"], dependence=False)
    assert len(whole.blocks) > 50
    for size in (N, 777):
        assert compile_stream(cut(table, size), clock=Clock("at")).to_bytes() == whole.to_bytes()


@settings(max_examples=8, deadline=None)
@given(st.integers(20, 300), st.integers(20, 300))
def test_the_size_of_batches_changes_nothing(size: int, other: int) -> None:
    some = TABLE.slice(0, 300)
    assert compile_stream(cut(some, size)).to_bytes() == compile_stream(cut(some, other)).to_bytes()


def test_counting_on_given_bins() -> None:
    reference = compile_stream(cut(TABLE, N))
    now = TABLE.slice(100, 999)
    assert tally_stream(cut(now, 50), reference.binning) == reference.binning.tally(prefixed(now, INPUT))
    buckets = tally_buckets(cut(now.append_column("at", pa.array(AT[:999])), 50), reference.binning, "at", 86400)
    assert sum(buckets.values(), reference.binning.zero()) == reference.binning.tally(prefixed(now, INPUT))


def test_a_sample_is_the_same_whatever_the_batches() -> None:
    table = TABLE.drop_columns(["gaps"])  # NaN is not equal to itself
    wanted = sampled_rows(N, 100)
    for size in (N, 333):
        sample = RowSample(table.schema, wanted)
        compile_stream(cut(table, size), sample=sample)
        assert sample.table().equals(table.take(pa.array(wanted)))


def test_a_row_without_time_is_named() -> None:
    table = TABLE.append_column("at", pa.array([*AT[:-1].tolist(), None]))
    with pytest.raises(BadInput, match="Row 2999"):
        compile_stream(cut(table, 100), clock=Clock("at"))
