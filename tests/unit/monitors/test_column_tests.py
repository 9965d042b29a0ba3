from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.monitors.column_tests import ColumnTests, judge_stack
from watchkeeper.monitors.columns import stacks
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.inference import infer_schema


def table(n: int, gone: int) -> pa.Table:
    rng = np.random.default_rng(n)
    values = rng.normal(size=n)
    values[:gone] = np.nan
    return pa.table({"x": pa.array(values, from_pandas=True), "y": rng.normal(size=n)})


@pytest.fixture(scope="module")
def reference() -> Reference:
    rows = table(4_000, 200)
    return compile_reference(rows, infer_schema(rows))


def judged(reference: Reference, gone: int) -> ColumnTests:
    now = table(300, gone).rename_columns(["input.x", "input.y"])
    (stack,) = stacks(reference.binning)
    return judge_stack(stack, reference.whole.counts, reference.binning.tally(now).counts[None], 1e-4, describe=False)


def test_a_test_that_cannot_reach_its_level_leaves_it_to_the_others(reference: Reference) -> None:
    tests = judged(reference, 15)
    x, y = (tests.stack.names.index(name) for name in ("input.x", "input.y"))
    np.testing.assert_allclose(tests.shares.sum(-1), 1.0)
    assert tests.share("missing", (0, x)) > tests.weights["missing"]  # infinite and wrong types have no rows
    assert tests.share("missing", (0, y)) == pytest.approx(0, abs=1e-8)
    assert tests.share("location", (0, y)) > tests.share("location", (0, x)) > tests.weights["location"]
    assert tests.share("wasserstein", (0, x)) == 1.0


def test_a_columns_p_is_its_surest_part_over_its_share_and_the_mean_is_not_above_it(reference: Reference) -> None:
    tests = judged(reference, 60)
    x = tests.stack.names.index("input.x")
    assert tests.decisive_part(0, x) == "missing"
    part = float(tests.parts["missing"].gated[0, x]) / tests.share("missing", (0, x))
    assert float(tests.p[0, x]) == pytest.approx(part)
    assert (tests.mean <= tests.p * (1 + 1e-12)).all()
