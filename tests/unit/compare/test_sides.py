from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.compare.sides import opened, shape_of
from watchkeeper.events.errors import BadInput
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.profile_file import to_file
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.inference import infer_schema

TABLE = pa.table({"x": [1.0, 2.0, 3.0] * 20, "l": [[1]] * 60})
REFERENCE = compile_reference(TABLE, infer_schema(TABLE))


def test_a_table_and_a_profile_have_shapes(tmp_path: Path) -> None:
    assert shape_of(opened(TABLE)).unwatchable == {"l"}
    path = tmp_path / "a.wkprofile"
    path.write_bytes(to_file(REFERENCE))
    for side in (opened(path), opened(REFERENCE)):
        assert isinstance(side, Reference)
        assert shape_of(side).names == ("x",)


def test_a_profile_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        opened(tmp_path / "none.wkprofile")
