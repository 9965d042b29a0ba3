from __future__ import annotations

import numpy as np
import pyarrow as pa

from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.marginal_scores import marginal_scores
from watchkeeper.reference.reference import prefixed
from watchkeeper.schema.inference import infer_schema

rng = np.random.default_rng(3)
TABLE = pa.table(
    {
        "x": pa.array(rng.normal(size=4_000), mask=rng.random(4_000) < 0.1),
        "zeros": np.where(rng.random(4_000) < 0.998, 0.0, 1.0),
        "c": rng.choice(np.array(["a", "b", "rare"]), 4_000, p=[0.6, 0.395, 0.005]),
    }
)
REFERENCE = compile_reference(TABLE, infer_schema(TABLE))
SCORES = marginal_scores(REFERENCE.binning, REFERENCE.whole.counts, list(REFERENCE.binning.columns))


def test_sums_over_a_tally_are_sums_over_its_rows() -> None:
    part = prefixed(TABLE.slice(100, 700), "input.")
    values = SCORES.of_rows(REFERENCE.binning, part)
    sums, squares, rows = SCORES.sums(REFERENCE.binning.tally(part).counts)
    assert values.shape == (700, SCORES.size)
    np.testing.assert_allclose(sums, values.sum(0), atol=1e-9)
    np.testing.assert_allclose(squares, (values**2).sum(0), atol=1e-9)
    assert (rows == 700).all()


def test_ranks_are_centred_and_what_is_rare_or_constant_has_no_score() -> None:
    sizes = {column.name: column.scores.shape[1] for column in SCORES.columns}
    assert sizes == {"input.x": 3, "input.c": 2}  # nearly all zeros: no score; rare level: none
    sums, _, rows = SCORES.sums(REFERENCE.whole.counts)
    assert abs(sums[0] / rows[0]) < 1e-9
    assert 0.08 < sums[2] / rows[2] < 0.12
