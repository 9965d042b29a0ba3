"""Rows as cells, and a tally as the mean of its rows."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.performance.celled import cells_of, profile_of
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.feature_cells import CELLS, MOST_COLUMNS, FeatureCells
from watchkeeper.tallies.binning import STATUS, Binning
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.status import StatusBins
from watchkeeper.tallies.tally import FloatArray

RNG = np.random.default_rng(0)
REFERENCE = pa.table(
    {
        "x": RNG.normal(0, 1, 3000),
        "kind": RNG.choice(np.array(list("abcdefghijklmnopqrstuvwxyz")), 3000),
        "mostly": np.where(RNG.random(3000) < 0.9, 0, RNG.integers(0, 50, 3000)),
    }
)
CUTS = cells_of(REFERENCE)


def mean_design(table: pa.Table) -> FloatArray:
    return np.asarray(CUTS.design(table).sum(axis=0)).ravel() / table.num_rows


NUMBERS = st.one_of(
    st.none(), st.sampled_from([math.nan, math.inf, -math.inf, 1e300, -1e9, 0.0, 7.0]), st.floats(-6, 6)
)
NAMES = st.one_of(st.none(), st.sampled_from(["a", "b", "never", ""]), st.text(max_size=3))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NAMES, NUMBERS), min_size=1, max_size=12))
def test_a_tally_has_the_profile_of_its_rows(rows: list[tuple[float | None, str | None, float | None]]) -> None:
    x, kind, mostly = (list(column) for column in zip(*rows, strict=True))
    table = pa.table(
        {"x": pa.array(x, pa.float64()), "kind": pa.array(kind, pa.string()), "mostly": pa.array(mostly, pa.float64())}
    )
    profile, n = profile_of(CUTS, table)
    assert n == len(rows)
    np.testing.assert_array_equal(profile, mean_design(table))


def test_ordinary_rows_raise_one_cell_a_column() -> None:
    design = CUTS.design(REFERENCE)
    assert design.shape == (3000, 1 + CUTS.size)
    np.testing.assert_array_equal(design.sum(axis=1), 4)
    np.testing.assert_array_equal(profile_of(CUTS, REFERENCE)[0], mean_design(REFERENCE))


def test_cells_hold_even_parts_of_the_reference() -> None:
    x, kind, mostly = CUTS.cuts
    share = mean_design(REFERENCE)[1:]
    inside = share[x.first : x.first + x.size - 3]
    assert len(inside) == CELLS + 4
    assert inside.max() < 1.6 / CELLS
    assert kind.size == CELLS + 3
    assert share[mostly.first : mostly.first + mostly.size].max() == pytest.approx(
        np.mean(REFERENCE["mostly"].to_numpy() == 0)
    )


def test_what_is_missing_beyond_or_unseen_has_a_cell_of_its_own_beside_the_rim() -> None:
    odd = pa.table({"x": [None, 1e9, -1e9], "kind": [None, "never", "never"], "mostly": [0, 0, 0]})
    (x, kind, _), usual = CUTS.cuts, mean_design(REFERENCE)[1:]
    raised = CUTS.design(odd).toarray()[:, 1:]
    for cut, row, rim, far in (
        (x, 1, x.rim[1], x.far[1]),
        (x, 2, x.rim[0], x.far[0]),
        (kind, 1, kind.rim[0], kind.far[0]),
    ):
        np.testing.assert_array_equal(np.flatnonzero(raised[row, cut.first : cut.first + cut.size]), sorted((rim, far)))
        assert usual[cut.first + far] == 0
    assert raised[0, x.first + x.size - 1] == raised[0, kind.first + kind.size - 1] == 1


def test_rows_that_lack_a_column_are_missing_there_and_no_row_has_no_profile() -> None:
    profile, n = profile_of(CUTS, REFERENCE.drop_columns(["kind"]))
    kind = CUTS.cuts[1]
    assert n == 3000
    assert profile[1:][kind.first : kind.first + kind.size].tolist() == [0.0] * (kind.size - 1) + [1.0]
    profile, n = profile_of(CUTS, REFERENCE.slice(0, 0))
    assert n == 0
    assert not profile.any()


def test_sums_in_parts_are_those_of_the_whole_design(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.performance.feature_cells.AT_ONCE", 700)
    weights = np.random.default_rng(0).normal(size=1 + CUTS.size)
    np.testing.assert_allclose(CUTS.sums(REFERENCE, weights), CUTS.design(REFERENCE) @ weights)


def test_very_many_columns_have_few_cells_and_outputs_come_first() -> None:
    bins = NumericBins.fit(pa.chunked_array([RNG.normal(0, 1, 1000)]))
    binning = Binning({f"input.{k}": bins for k in range(400)} | {"output.p": bins, STATUS: StatusBins()})
    cells = FeatureCells.of(binning, np.ones(binning.size, np.int64))
    assert cells.cuts[0].column == "output.p"
    assert len(cells.cuts) == MOST_COLUMNS
    assert cells.size < 3000


def test_columns_that_lack_or_cannot_be_cut_are_named() -> None:
    with pytest.raises(BadInput, match="kind"):
        CUTS.design(REFERENCE.drop_columns(["kind"]))
    binning = Binning({STATUS: StatusBins()})
    for name in (STATUS, "input.none"):
        with pytest.raises(BadInput, match=name):
            FeatureCells.of(binning, np.zeros(binning.size, np.int64), [name])


def test_inputs_are_the_constant_and_all_cells_but_those_of_outputs() -> None:
    bins = NumericBins.fit(pa.chunked_array([RNG.normal(0, 1, 1000)]))
    binning = Binning({"input.x": bins, "output.p": bins})
    cells = FeatureCells.of(binning, np.ones(binning.size, np.int64))
    assert [cut.column for cut in cells.cuts] == ["output.p", "input.x"]
    assert cells.inputs.tolist() == [0, *range(1 + cells.cuts[1].first, 1 + cells.size)]
