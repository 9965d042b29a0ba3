from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.compare.profiling import counted_like, profiled
from watchkeeper.events.errors import BadInput
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.schema.inference import infer_schema

RNG = np.random.default_rng(0)
TABLE = pa.table({"x": RNG.normal(size=500), "c": RNG.choice(["a", "b"], 500)})


def test_a_table_is_profiled_as_it_is_compiled() -> None:
    assert profiled(TABLE, None, None).to_bytes() == compile_reference(TABLE, infer_schema(TABLE)).to_bytes()


def test_on_given_bins_only_the_counts_are_its_own() -> None:
    like = profiled(TABLE, None, None)
    again = counted_like(like, TABLE.slice(0, 200), None, None)
    assert (again.rows, again.binning.digest) == (200, like.binning.digest)
    assert again.whole == like.binning.tally(TABLE.slice(0, 200).rename_columns(["input.x", "input.c"]))


def test_nothing_to_count_is_refused() -> None:
    for data, words in ((TABLE.slice(0, 0), "no rows"), ({"l": [[1]]}, "No column can be profiled")):
        with pytest.raises(BadInput, match=words):
            profiled(data, None, None)
    with pytest.raises(BadInput, match="no column 'at'"):
        profiled(TABLE, "at", None)
