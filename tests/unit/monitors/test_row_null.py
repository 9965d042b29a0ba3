from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.monitors.row_null import NO_DEPENDENCE, TOO_SMALL, RowJudgement, RowNull
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


def judged(compiled: Reference, windows: IntArray, q: float = Q, min_n: int = 0) -> RowJudgement:
    return RowNull.fit(compiled).judge(windows, q, min_n=min_n)


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
    found = judged(compiled, windows_of(compiled, np.random.default_rng(n), n, 120))
    assert found.alarm.sum() <= 2  # expected 0.17; three or more has a chance of 1 in 1,000


def test_a_column_moved_by_three_tenths_of_a_deviation_is_found_and_named(compiled: Reference) -> None:
    found = judged(compiled, windows_of(compiled, np.random.default_rng(5), 500, 40, "shift"))
    moved = [name == "input.normal" for name in found.columns]
    assert found.named[:, moved].mean() >= 0.9
    assert found.named[:, np.invert(moved)].mean() <= 0.005
    assert not found.together.any()  # what the named column explains is not said again


def test_one_missing_value_in_ten_is_found_in_a_hundred_rows(compiled: Reference) -> None:
    found = judged(compiled, windows_of(compiled, np.random.default_rng(6), 100, 40, "missing"))
    assert found.alarm.mean() >= 0.9


def test_a_harmless_shift_is_silent_however_many_rows() -> None:
    rng = np.random.default_rng(9)
    big = pa.table({"x": rng.normal(size=200_000), "y": rng.normal(size=200_000)})
    known = compile_reference(big, infer_schema(big))
    moved = pa.table({"input.x": rng.normal(0.02, 1, 200_000), "input.y": rng.normal(0.02, 1, 200_000)})
    assert not judged(known, known.binning.tally(moved).counts[None]).alarm.any()


def test_few_values_are_not_judged_by_their_distribution(compiled: Reference) -> None:
    windows = windows_of(compiled, np.random.default_rng(7), 10, 1)
    assert (judged(compiled, windows).tests[0].parts["location"].p_value < 1.1).all()
    assert not judged(compiled, windows).alarm.any()
    assert not judged(compiled, windows, 1.0, min_n=50).alarm.any()


def test_the_decisive_part_is_named(compiled: Reference) -> None:
    (tests, _) = judged(compiled, windows_of(compiled, np.random.default_rng(6), 100, 1, "missing")).tests
    column = tests.stack.names.index("input.uniform")
    assert tests.decisive_part(0, column) == "missing"


def test_the_score_has_a_share_of_its_own_and_comes_last(compiled: Reference) -> None:
    windows = windows_of(compiled, np.random.default_rng(5), 200, 60, "shift")
    alone = RowNull.fit(compiled, score="input.normal").judge(windows, Q)
    assert alone.columns[-1] == "input.normal"
    assert alone.p_score is not None
    assert (alone.named[:, -1] == (alone.p_score <= Q * 0.2)).all()
    among = RowNull.fit(compiled).judge(windows, Q)
    assert among.p_score is None
    assert alone.named[:, -1].sum() > among.named[:, among.columns.index("input.normal")].sum()


def test_important_columns_get_more_of_the_level(compiled: Reference) -> None:
    windows = windows_of(compiled, np.random.default_rng(5), 150, 60, "shift")
    plain = RowNull.fit(compiled).judge(windows, Q)
    weighed = RowNull.fit(compiled, importance={"normal": 10.0}).judge(windows, Q)
    at = plain.columns.index("input.normal")
    assert weighed.named[:, at].sum() > plain.named[:, at].sum()


def test_small_shifts_together_are_found_where_no_column_is_sure() -> None:
    rng, n = np.random.default_rng(8), 300
    table = pa.table({f"x{i}": rng.normal(size=5_000) for i in range(20)})
    reference = compile_reference(table, infer_schema(table))
    moved = pa.table({f"input.x{i}": rng.normal(0.12, 1, n * 40) for i in range(20)})
    windows = reference.binning.tally_groups(moved, np.arange(41) * n)
    found = judged(reference, np.stack([window.counts for window in windows]))
    assert found.together.mean() > 0.8
    assert found.named.any(1).mean() < 0.4
    assert found.shift is not None
    assert (found.shift.effect[found.together] > 0.02).all()


def test_a_small_reference_says_what_it_does_not_look_for() -> None:
    table = pa.table(rows(np.random.default_rng(2), 900))
    small = compile_reference(table, infer_schema(table))
    found = judged(small, windows_of(small, np.random.default_rng(3), 200, 3))
    assert found.notes == (NO_DEPENDENCE, TOO_SMALL)
    assert found.shift is None
    assert found.p_together is None
    assert RowNull.fit(small).shares.columns == 1.0


def test_windows_in_a_batch_are_judged_as_one_by_one(compiled: Reference) -> None:
    windows = windows_of(compiled, np.random.default_rng(4), 300, 5, "shift")
    null = RowNull.fit(compiled)
    at_once = null.judge(windows, Q)
    for i in range(5):
        alone = null.judge(windows[i : i + 1], Q)
        np.testing.assert_array_equal(alone.named[0], at_once.named[i])
        np.testing.assert_allclose(alone.p_together[0], at_once.p_together[i], rtol=1e-9)  # type: ignore[index]
