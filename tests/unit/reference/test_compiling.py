"""Compiling: sharded equals whole, time makes blocks, choosers are left out, ugly data is survived."""

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.reference.compiling import bucket_width, compile_reference
from watchkeeper.reference.reference import prefixed
from watchkeeper.schema.feature import Feature, FeatureType
from watchkeeper.schema.inference import infer_schema
from watchkeeper.schema.schema import Schema
from watchkeeper.tallies.binning import LATENCY
from watchkeeper.tallies.categorical import CategoricalBins

rng = np.random.default_rng(2)
TABLE = pa.table({"x": rng.normal(size=1000), "c": rng.choice(list("abc"), 1000)})


def test_whole_is_the_tally_of_all_rows_in_any_order_of_time() -> None:
    shuffled = pa.array(rng.permutation(1000).astype(float) * 60)
    reference = compile_reference(TABLE, infer_schema(TABLE), times=shuffled)
    assert reference.whole == reference.binning.tally(prefixed(TABLE, "input."))
    assert reference.rows == 1000
    assert list(reference.block_starts) == sorted(reference.block_starts)


def test_outputs_and_service_are_columns_too() -> None:
    schema = Schema(features=infer_schema(TABLE).features, outputs=(Feature(name="score", type=FeatureType.NUMERIC),))
    reference = compile_reference(
        TABLE, schema, outputs=pa.table({"score": rng.random(1000)}), task="regression", service=True
    )
    assert list(reference.binning.columns)[:3] == ["input.x", "input.c", "output.score"]
    assert LATENCY in reference.binning.columns
    assert reference.task == "regression"


def test_rows_that_chose_the_top_levels_are_not_counted() -> None:
    table = pa.table({"c": rng.choice([f"level {i}" for i in range(500)], 5000)})
    for times in (None, pa.array(rng.permutation(5000).astype(float))):
        reference = compile_reference(table, infer_schema(table), times=times)
        bins = reference.binning.columns["input.c"]
        assert isinstance(bins, CategoricalBins)
        assert bins.rows(reference.whole.counts) == 4000
        kept = table.take(pa.array([i for i in range(5000) if i % 5]))
        assert reference.binning.tally(prefixed(kept, "input.")) == reference.whole


def test_text_is_watched_by_its_length() -> None:
    table = pa.table({"t": [f"{'a' * (i % 7)} {i}" for i in range(100)]})
    reference = compile_reference(table, infer_schema(table))
    assert reference.binning.columns["input.t"].to_dict()["length"] is True


def test_width_of_buckets() -> None:
    assert [bucket_width(span) for span in (0, 60_000, 60_001, 90 * 86400, 1e12)] == [60, 60, 300, 6 * 3600, 7 * 86400]


def test_bad_input_is_named() -> None:
    schema = infer_schema(TABLE)
    with pytest.raises(BadInput, match="no rows"):
        compile_reference(TABLE.slice(0, 0), schema)
    with pytest.raises(BadInput, match="lacks the column 'c'"):
        compile_reference(TABLE.select(["x"]), schema)
    with pytest.raises(BadInput, match="Row 3 of the time column"):
        compile_reference(TABLE, schema, times=pa.array([0.0] * 3 + [None] + [1.0] * 996))


def test_progress_is_told() -> None:
    stages = []
    compile_reference(TABLE, infer_schema(TABLE), progress=lambda stage, share: stages.append((stage, share)))
    assert stages[0] == ("choosing bins", 0.0)
    assert stages[-1] == ("counting", 1.0)
