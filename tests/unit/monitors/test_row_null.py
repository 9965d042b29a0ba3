from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.monitors.columns import stacks
from watchkeeper.monitors.row_null import ColumnTests, judge_stack, rejected
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema
from watchkeeper.tallies.tally import IntArray

Q = 1 / 720


def rows(rng: np.random.Generator, n: int) -> dict[str, np.ndarray[tuple[int], np.dtype[np.generic]]]:
    """Twelve columns of the shapes that break tests: skewed, heavy-tailed, whole, zero-inflated, rare levels."""
    zipf = 1 / np.arange(1, 41)
    return {
        "normal": rng.normal(size=n),
        "lognormal": rng.lognormal(0, 1, n),
        "heavy": rng.standard_t(2, n),
        "whole": rng.poisson(4, n).astype(float),
        "zeros": np.where(rng.random(n) < 0.8, 0.0, rng.exponential(1, n)),
        "mostly_zero": np.where(rng.random(n) < 0.995, 0.0, 1.0),
        "uniform": rng.integers(0, 1000, n).astype(float),
        "tiny": 1 + 1e-5 * rng.normal(size=n),
        "binary": rng.choice(np.array(["a", "b"]), n),
        "rare": rng.choice(np.array(["a", "b"]), n, p=[0.999, 0.001]),
        "ten": rng.choice(np.array(list("abcdefghij")), n),
        "zipf": rng.choice(np.array([f"v{i}" for i in range(40)]), n, p=zipf / zipf.sum()),
    }


@pytest.fixture(scope="module")
def compiled() -> Reference:
    table = pa.table(rows(np.random.default_rng(1), 20_000))
    return compile_reference(table, infer_schema(table))


def judged(compiled: Reference, windows: IntArray) -> tuple[ColumnTests, ...]:
    groups = stacks(compiled.binning)
    return tuple(judge_stack(s, compiled.whole.counts, windows, Q / 12, describe=False) for s in groups)


def windows_of(compiled: Reference, rng: np.random.Generator, n: int, count: int, change: str = "") -> IntArray:
    tallies = []
    for _ in range(count):
        columns = rows(rng, n)
        if change == "shift":
            columns["normal"] = columns["normal"] + 0.3  # type: ignore[operator]
        table = pa.table(columns)
        if change == "missing":
            hidden = pa.array(np.where(rng.random(n) < 0.1, np.nan, columns["uniform"].astype(float)), from_pandas=True)
            table = table.set_column(table.column_names.index("uniform"), "uniform", hidden)
        tallies.append(compiled.binning.tally(prefixed(table, "input.")).counts)
    return np.stack(tallies)


@pytest.mark.parametrize("n", [100, 500, 2000])
def test_false_alarms_on_rows_without_change_stay_within_the_budget(compiled: Reference, n: int) -> None:
    hit = rejected(judged(compiled, windows_of(compiled, np.random.default_rng(n), n, 120)), Q)
    assert hit.any(1).sum() <= 2  # expected 0.17; three or more has a chance of 1 in 1,000


def test_a_column_moved_by_three_tenths_of_a_deviation_is_found_and_named(compiled: Reference) -> None:
    hit = rejected(judged(compiled, windows_of(compiled, np.random.default_rng(5), 500, 40, "shift")), Q)
    assert hit[:, 0].mean() >= 0.9
    assert hit[:, 1:].mean() <= 0.005


def test_one_missing_value_in_ten_is_found_in_a_hundred_rows(compiled: Reference) -> None:
    hit = rejected(judged(compiled, windows_of(compiled, np.random.default_rng(6), 100, 40, "missing")), Q)
    assert hit.any(1).mean() >= 0.9


def test_a_harmless_shift_is_silent_however_many_rows(compiled: Reference) -> None:
    rng = np.random.default_rng(9)
    big = pa.table({"x": rng.normal(size=200_000)})
    known = compile_reference(big, infer_schema(big))
    moved = pa.table({"input.x": rng.normal(0.02, 1, 200_000)})
    tests = judged(known, known.binning.tally(moved).counts[None])
    assert not rejected(tests, Q).any()


def test_few_values_are_not_judged_by_their_distribution(compiled: Reference) -> None:
    tests = judged(compiled, windows_of(compiled, np.random.default_rng(7), 10, 1))
    assert (tests[0].parts["location"].p_value < 1.1).all()
    assert not rejected(tests, Q).any()
    assert not rejected(tests, 1.0, min_n=50).any()


def test_the_decisive_part_is_named(compiled: Reference) -> None:
    tests = judged(compiled, windows_of(compiled, np.random.default_rng(6), 100, 1, "missing"))
    column = tests[0].stack.names.index("input.uniform")
    assert tests[0].decisive_part(0, column) == "missing"
