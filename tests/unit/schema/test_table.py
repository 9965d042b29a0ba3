"""Everything tabular becomes a table, and everything else a clear error."""

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.schema.table import as_table, encode_text

ROWS = {"a": [1.0, 2.0], "b": ["x", None]}
TABLE = pa.table(ROWS)


@pytest.mark.parametrize(
    "data",
    [TABLE, TABLE.to_batches()[0], ROWS, pd.DataFrame(ROWS), pd.DataFrame(ROWS, index=[5, 9]), pl.DataFrame(ROWS)],
    ids=["table", "batch", "mapping", "pandas", "pandas with index", "polars"],
)
def test_frames(data: object) -> None:
    assert as_table(data).to_pydict() == ROWS


def test_duckdb_relation() -> None:
    import duckdb

    assert as_table(duckdb.sql("select 1 as a, 'x' as b")).to_pydict() == {"a": [1], "b": ["x"]}


def test_files(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(TABLE, tmp_path / "t.parquet")
    pyarrow.feather.write_feather(TABLE, tmp_path / "t.arrow")
    pyarrow.csv.write_csv(pa.table({"a": [1.0, 2.0], "b": ["x", "y"]}), tmp_path / "t.csv")
    assert as_table(tmp_path / "t.parquet").to_pydict() == ROWS
    assert as_table(str(tmp_path / "t.arrow")).to_pydict() == ROWS
    assert as_table(tmp_path / "t.csv").to_pydict() == {"a": [1.0, 2.0], "b": ["x", "y"]}


def test_a_column_of_mixed_types_becomes_text_and_spoils_nothing() -> None:
    assert as_table({"a": [1, "x", None], "b": [1, 2, 3]}).to_pydict() == {"a": ["1", "x", None], "b": [1, 2, 3]}


def test_a_pandas_column_of_mixed_types_spoils_nothing_either() -> None:
    table = as_table(pd.DataFrame({"a": [1, "x", None, float("nan")], "b": [1, 2, 3, 4]}, index=[9, 8, 7, 6]))
    assert table.to_pydict() == {"a": ["1", "x", None, None], "b": [1, 2, 3, 4]}


def test_text_of_polars_is_text_that_every_kernel_knows() -> None:
    frame = pl.DataFrame({"a": ["x", None, "y"], "b": pl.Series(["x", "y", "x"], dtype=pl.Categorical)})
    views = pa.table({"c": pa.array(["x", None], pa.string_view())})
    assert as_table(frame).to_pydict() == {"a": ["x", None, "y"], "b": ["x", "y", "x"]}
    assert as_table(views).schema.field("c").type == pa.large_string()
    assert not any(pa.types.is_string_view(kind) for kind in as_table(frame).schema.types)


def test_bad_files_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "half.parquet").write_bytes(b"PAR1 then nothing")
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "t.xls").write_bytes(b"")
    faults = {
        "half.parquet": "half written",
        "empty.csv": "cannot be read",
        "t.xls": "reads .parquet",
        "no.csv": "no file",
    }
    for name, says in faults.items():
        with pytest.raises(BadInput, match=says):
            as_table(tmp_path / name)


def test_what_is_no_table() -> None:
    repeated = pd.DataFrame([[1, 2]], columns=["a", "a"])
    for data in (3, None, [1, 2], {"a": [1], "b": [1, 2]}, repeated, repeated["a"].iloc[0], pd.Series([1.0])):
        with pytest.raises(BadInput):
            as_table(data)


def test_repeated_names_are_refused() -> None:
    with pytest.raises(BadInput, match="more than one column called 'a'"):
        as_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]))


def test_text_that_repeats_becomes_a_dictionary() -> None:
    table = pa.table({"few": ["a", None, "a", "b", "a"], "many": list("vwxyz"), "n": [1, 2, 3, 4, 5]})
    encoded = encode_text(table)
    assert encoded.to_pydict() == table.to_pydict()
    assert [pa.types.is_dictionary(kind) for kind in encoded.schema.types] == [True, False, False]


def test_arrays_of_several_dimensions_become_lists_and_tensors() -> None:
    columns = {"v": np.arange(6.0).reshape(3, 2), "photo": np.zeros((3, 4, 5)), "each": [np.ones((2, 2))] * 3}
    table = as_table(columns)
    assert table["v"].to_pylist() == [[0, 1], [2, 3], [4, 5]]
    assert table["photo"].type.shape == [4, 5]
    assert table["each"].type.shape == [2, 2]
