from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import Ridge

from watchkeeper.compare.attribution import RIDGE, _fit, attribute
from watchkeeper.events.errors import BadInput
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema
from watchkeeper.tallies.tally import FloatArray


def table(
    rng: np.random.Generator, rows: int, *, late: float = 0.2, level: float = 0.0, twist: float = 0.0
) -> pa.Table:
    """An additive score of a number in steps and a category; `twist` adds an interaction."""
    carrier = np.where(rng.random(rows) < late, "AA", "BB")
    distance = np.round(np.clip(rng.normal(level, 1, rows), -3, 3))
    noise = rng.normal(size=rows)
    score = 0.5 * (carrier == "AA") + 0.1 * distance + twist * (carrier == "AA") * distance
    return pa.table({"carrier": carrier, "distance": distance, "noise": noise, "score": score})


def reference_of(rows: pa.Table) -> Reference:
    return compile_reference(rows, infer_schema(rows))


def test_it_is_exact_where_the_model_is_additive() -> None:
    rng = np.random.default_rng(1)
    before, now = table(rng, 20_000), table(rng, 20_000, late=0.6, level=0.7)
    found = attribute(prefixed(before, "input."), prefixed(now, "input."), reference_of(before), "input.score")
    shares = [np.mean(t["carrier"].to_numpy(zero_copy_only=False) == "AA") for t in (before, now)]
    levels = [t["distance"].to_numpy().mean() for t in (before, now)]
    carried = {one.feature: one for one in found.contributions}
    assert carried["carrier"].amount == pytest.approx(0.5 * (shares[1] - shares[0]), abs=2e-4)
    assert carried["distance"].amount == pytest.approx(0.1 * (levels[1] - levels[0]), abs=5e-4)
    assert abs(carried["noise"].amount) < 2e-4
    assert found.remainder == pytest.approx(0, abs=5e-4)
    assert found.r2 > 0.999
    assert sum(one.amount for one in found.contributions) + found.remainder == pytest.approx(found.change)
    assert "`carrier` carries" in found.sentence
    json.dumps(found.to_dict())


def test_what_is_not_additive_is_left_over() -> None:
    rng = np.random.default_rng(2)
    before, now = table(rng, 5_000, late=0.5, twist=1.0), table(rng, 5_000, late=0.5, level=1.0, twist=3.0)
    found = attribute(prefixed(before, "input."), prefixed(now, "input."), reference_of(before), "input.score")
    assert found.remainder_low > 0.3
    assert found.r2 < 0.9


def test_intervals_cover_the_contribution() -> None:
    truth, covered = 0.5 * 0.1, 0
    reference = reference_of(table(np.random.default_rng(99), 600))
    for seed in range(60):
        rng = np.random.default_rng(seed)
        before, now = table(rng, 600), table(rng, 600, late=0.3)
        found = attribute(prefixed(before, "input."), prefixed(now, "input."), reference, "input.score")
        (carrier,) = [one for one in found.contributions if one.feature == "carrier"]
        covered += carrier.low <= truth <= carrier.high
    assert covered >= 53


def test_no_change_is_no_more_than_chance() -> None:
    rng = np.random.default_rng(3)
    before, now = table(rng, 2_000), table(rng, 2_000)
    found = attribute(prefixed(before, "input."), prefixed(now, "input."), reference_of(before), "input.score")
    assert "chance" in found.sentence
    assert all(one.share is None for one in found.contributions)


def test_backfitting_is_ridge_regression_on_cells() -> None:
    rng = np.random.default_rng(4)
    cells = [rng.integers(0, 4, 500), rng.integers(0, 3, 500)]
    cells[1] = np.where(cells[0] == 0, 0, cells[1])
    score: FloatArray = rng.normal(size=500) + cells[0] - 2.0 * (cells[1] == 1)
    hot = np.column_stack([np.eye(4)[cells[0]], np.eye(3)[cells[1]]])
    ridge = Ridge(alpha=RIDGE).fit(hot, score)
    ours = _fit(cells, [4, 3], score).predict(cells)
    assert ours == pytest.approx(ridge.predict(hot), abs=0.02)


def test_what_cannot_be_attributed_is_told() -> None:
    rng = np.random.default_rng(5)
    before = table(rng, 200)
    reference = reference_of(before)
    rows = prefixed(before, "input.")
    with pytest.raises(BadInput, match=r"no column 'input\.none'"):
        attribute(rows, rows, reference, "input.none")
    with pytest.raises(BadInput, match="100 are needed"):
        attribute(rows, rows.slice(0, 50), reference, "input.score")
    with pytest.raises(BadInput, match="no feature"):
        attribute(rows.select(["input.score"]), rows, reference, "input.score")
