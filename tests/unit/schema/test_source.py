from __future__ import annotations

import pyarrow as pa

from watchkeeper.schema.source import TableSource, held, in_memory, unique_fields

TABLE = pa.Table.from_arrays([pa.array([1, 2]), pa.array([3, 4]), pa.array(["x", None])], names=["a", "a", "c"])


def test_a_table_is_one_batch_without_the_names_that_repeat() -> None:
    source = in_memory(TABLE)
    assert (source.rows, source.repeated, source.fields.names) == (2, ("a",), ["c"])
    (batch,) = source.batches(["c"])
    assert batch["c"].to_pylist() == ["x", None]


def test_what_is_held_keeps_its_declared_types() -> None:
    plain = pa.table({"c": pa.chunked_array([["x"], ["y", "x"]])})
    short = plain.set_column(0, "c", plain["c"].dictionary_encode())
    source = held(TableSource(short, plain.schema))
    assert source.fields == plain.schema
    assert source.rows == 3


def test_unique_fields() -> None:
    fields, repeated = unique_fields(TABLE.schema)
    assert (fields.names, repeated) == (["c"], ("a",))
