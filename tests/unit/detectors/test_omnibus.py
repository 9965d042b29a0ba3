from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.detectors.omnibus import FLOOR, Shifts, shifts
from watchkeeper.detectors.result import Bar
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema

COLUMNS = 12


def rows(rng: np.random.Generator, n: int, shift: float = 0.0) -> pa.Table:
    """Twelve numbers that share a part, and a category of four levels."""
    values = rng.normal(shift, 1, (n, COLUMNS)) + rng.normal(size=(n, 1))
    levels = rng.choice(np.array(list("abcd")), n, p=[0.5, 0.3, 0.15, 0.05])
    return pa.table({f"x{i}": values[:, i] for i in range(COLUMNS)} | {"c": levels})


@pytest.fixture(scope="module")
def compiled() -> Reference:
    table = rows(np.random.default_rng(1), 10_000)
    return compile_reference(table, infer_schema(table))


def measured(compiled: Reference, n: int, windows: int, seed: int, shift: float = 0.0) -> Shifts:
    table = rows(np.random.default_rng(seed), n * windows, shift)
    tallies = compiled.binning.tally_groups(prefixed(table, "input."), np.arange(windows + 1) * n)
    assert compiled.dependence is not None
    whole = compiled.whole.counts
    scores = compiled.dependence.scores(compiled.binning, whole)
    return shifts(scores, compiled.dependence, whole, np.stack([tally.counts for tally in tallies]))


@pytest.mark.parametrize("n", [50, 500])
def test_p_is_right_though_columns_move_together(compiled: Reference, n: int) -> None:
    p = measured(compiled, n, 400, n).result(Bar()).p_value
    assert 5 <= (p <= 0.05).sum() <= 38  # expected 20
    assert (p <= 0.001).sum() <= 3


def test_a_small_shift_everywhere_is_found_and_measured(compiled: Reference) -> None:
    found = measured(compiled, 500, 40, 3, shift=0.25).result(Bar(1e-3, FLOOR))
    assert (found.gated <= 1e-3).mean() > 0.9
    assert 0.09 < found.effect.mean() < 0.14  # 0.25 of 1.41 standard deviations, in 12 of 27 scores
    assert ((found.low <= found.effect) & (found.effect <= found.high)).all()


def test_a_harmless_shift_everywhere_is_silent_however_many_rows() -> None:
    table = rows(np.random.default_rng(5), 100_000)
    compiled = compile_reference(table, infer_schema(table))
    found = measured(compiled, 100_000, 1, 6, shift=0.02 * 2**0.5).result(Bar(1 / 720, FLOOR))
    assert found.p_value[0] < 1e-3
    assert found.gate[0] > 0.5


def test_scores_that_are_not_used_and_columns_without_rows_add_nothing(compiled: Reference) -> None:
    window = measured(compiled, 500, 2, 7, shift=0.5)
    used = np.zeros(window.moves.shape, bool)
    assert (window.result(Bar(), used).p_value == 1).all()
    empty = Shifts(window.moves, window.rows * 0, window.reference_rows, window.dependence)
    assert (empty.result(Bar()).p_value == 1).all()
