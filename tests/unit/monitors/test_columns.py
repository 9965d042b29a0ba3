from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.monitors.streams import day, table, tallies
from watchkeeper.detectors.registry import Evidence
from watchkeeper.detectors.samples import Rates, Samples
from watchkeeper.monitors.columns import CELLS, feature_name, stacks, watched
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema


def test_names_are_for_people() -> None:
    assert feature_name("input.distance") == "distance"
    assert feature_name("output.late") == "prediction late"


def test_numbers_and_categories_are_stacked_apart(timed: Reference) -> None:
    assert [stack.names for stack in stacks(timed.binning)] == [("input.price", "input.age"), ("input.shop",)]
    assert watched(timed.binning) == ("input.price", "input.age", "input.shop")


def test_a_stack_counts_what_the_bins_count(timed: Reference, rng: np.random.Generator) -> None:
    windows = tallies(timed, [day(rng, 120), day(rng, 80)])
    for stack in stacks(timed.binning):
        for c, name in enumerate(stack.names):
            bins, cells = timed.binning.columns[name], windows[:, timed.binning.slice(name)]
            assert stack.row_counts(windows)[:, c].tolist() == [120, 80]
            values = bins.value_counts(cells)  # type: ignore[attr-defined]  # both kinds watched have values
            assert np.array_equal(stack.value_counts(windows)[:, c, : values.shape[1]], values)
            assert stack.value_counts(windows)[:, c, values.shape[1] :].sum() == 0


def test_evidence_of_missing_and_wrong_values(timed: Reference, rng: np.random.Generator) -> None:
    broken = day(rng, 100, price=lambda _, v: np.where(np.arange(100) < 30, np.nan, v))
    evidence = stacks(timed.binning)[0].evidence(timed.whole.counts, tallies(timed, [broken]))
    missing = evidence[Evidence.MISSING]
    assert isinstance(missing, Rates)
    assert missing.hits.tolist() == [[30.0, 0.0]]
    values = evidence[Evidence.VALUES]
    assert isinstance(values, Samples)
    assert values.n.tolist() == [[70.0, 100.0]]


def test_out_of_range_is_counted_by_the_declared_bounds(timed: Reference, rng: np.random.Generator) -> None:
    far = day(rng, 100, age=lambda _, v: v + 1000.0)
    rates = stacks(timed.binning)[0].evidence(timed.whole.counts, tallies(timed, [far]))[Evidence.RANGE]
    assert isinstance(rates, Rates)
    assert rates.hits.tolist() == [[0.0, 100.0]]


def test_positions_lie_in_their_bins(timed: Reference) -> None:
    stack = stacks(timed.binning)[0]
    edges = timed.binning.columns["input.age"].edges  # type: ignore[attr-defined]
    positions = stack.positions[1, : len(edges) - 1]
    assert np.isfinite(positions).all()
    assert (positions >= edges[:-1]).all()
    assert (positions <= edges[1:]).all()


def test_very_many_columns_are_split_so_that_memory_stays_bounded() -> None:
    rng = np.random.default_rng(0)
    wide = pa.table({f"n{i}": rng.normal(size=500) for i in range(300)})
    compiled = compile_reference(wide, infer_schema(wide))
    groups = stacks(compiled.binning)
    assert sum(len(stack.names) for stack in groups) == 300
    for stack in groups:
        assert stack.values.shape[0] * stack.values.shape[1] ** 2 <= CELLS


def test_columns_that_one_table_lacks_can_be_left_out(timed: Reference) -> None:
    (only,) = stacks(timed.binning, ["input.age"])
    assert only.names == ("input.age",)
    counts = timed.binning.tally(prefixed(table([day(np.random.default_rng(0))]).select(["age"]), "input."))
    assert only.row_counts(counts.counts).tolist() == [200.0]


@pytest.mark.parametrize("kind", [pa.timestamp("us", tz="UTC"), pa.bool_()])
def test_clocks_and_booleans_are_watched_too(kind: pa.DataType) -> None:
    values = pa.array(np.arange(200) % 2 if pa.types.is_boolean(kind) else np.arange(200)).cast(kind)
    rows = pa.table({"x": values})
    (stack,) = stacks(compile_reference(rows, infer_schema(rows)).binning)
    assert stack.numeric is not pa.types.is_boolean(kind)
