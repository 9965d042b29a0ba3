"""Rows as cells."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.feature_cells import FeatureCells

TABLE = pa.table({"x": np.arange(1000.0), "kind": ["a", "b"] * 500, "same": np.zeros(1000)})


def test_every_row_has_one_cell_a_feature() -> None:
    cells = FeatureCells.fit(TABLE)
    design = cells.design(TABLE)
    assert design.shape == (1000, 1 + cells.size)
    np.testing.assert_array_equal(design.sum(axis=1), 4)
    np.testing.assert_array_equal(design.toarray()[:, 0], 1)


def test_rows_read_in_parts_give_what_the_whole_design_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.performance.feature_cells.AT_ONCE", 300)
    cells = FeatureCells.fit(TABLE)
    design, weights = cells.design(TABLE), np.random.default_rng(0).normal(size=1 + cells.size)
    np.testing.assert_allclose(cells.profile(TABLE), design.toarray().mean(0))
    np.testing.assert_allclose(cells.sums(TABLE, weights), design @ weights)


def test_missing_unseen_and_far_out_have_cells_of_their_own() -> None:
    cells = FeatureCells.fit(TABLE)
    odd = pa.table({"x": [None, 1e9, -1e9], "kind": [None, "z", "a"], "same": [None, 5.0, 0.0]})
    places = cells.places(odd)
    inside = cells.places(TABLE)
    assert not set(places[:2, 1]) & set(inside[:, 1])
    assert places[0, 0] not in inside[:, 0]
    assert places[1, 0] == inside[-1, 0]
    assert places[2, 0] == inside[0, 0]


def test_a_lacking_column_is_named() -> None:
    with pytest.raises(BadInput, match="kind"):
        FeatureCells.fit(TABLE).places(TABLE.drop_columns(["kind"]))
