"""What every test on rows promises, run over each of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from watchkeeper.detectors.rows.registry import ROW_TESTS, RowTest
from watchkeeper.events.errors import BadInput

Rows = np.ndarray


@pytest.fixture(params=ROW_TESTS)
def test(request: pytest.FixtureRequest) -> RowTest:
    return ROW_TESTS[request.param]


def normal(test: RowTest, n: int, seed: int, mean: float = 0.0) -> Rows:
    return np.random.default_rng(seed).normal(mean, 1, (n, 3) if test.many else n)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_a_large_change_is_found_and_no_change_is_not(test: RowTest) -> None:
    same = test.run(normal(test, 80, 0), normal(test, 60, 1), rng(), permutations=99)
    moved = test.run(normal(test, 80, 0), normal(test, 60, 1, 2.0), rng(), permutations=99)
    assert (moved.p_value or 1.0) <= 0.01
    assert (same.p_value or 0.0) > 0.01
    assert (moved.n, moved.m) == (60, 80)


def test_inputs_are_unchanged_and_the_seed_decides(test: RowTest) -> None:
    reference, window = normal(test, 40, 2), normal(test, 30, 3)
    before = reference.copy(), window.copy()
    assert test.run(reference, window, rng(), permutations=20) == test.run(reference, window, rng(), permutations=20)
    np.testing.assert_array_equal(reference, before[0])
    np.testing.assert_array_equal(window, before[1])


@pytest.mark.parametrize("data", [[], [np.nan, 1.0, 2.0], [np.inf, 1.0, 2.0], ["a", "b"], np.zeros((2, 2, 2))])
def test_what_cannot_be_read_is_refused(test: RowTest, data: Any) -> None:
    good = np.arange(10.0)
    for reference, window in ((good, data), (data, good)):
        with pytest.raises(BadInput):
            test.run(reference, window, rng())


def test_one_row_is_not_computable(test: RowTest) -> None:
    found = test.run(normal(test, 40, 4), normal(test, 1, 5), rng())
    assert not found.computable
    assert found.note.startswith("not computable")


def test_rows_all_the_same_differ_in_nothing(test: RowTest) -> None:
    same = np.full_like(normal(test, 20, 0), 3.25)
    assert test.run(same, same[:10], rng()).p_value == 1.0


def test_a_constant_against_another_is_answered(test: RowTest) -> None:
    reference, window = normal(test, 30, 0) * 0 + 1.0, normal(test, 30, 0) * 0 + 2.0
    found = test.run(reference, window, rng(), permutations=99)
    assert found.note.startswith("not computable") if found.p_value is None else found.p_value <= 0.011


@pytest.mark.parametrize("scale", [1e-5, 1e9])
def test_the_unit_does_not_matter(test: RowTest, scale: float) -> None:
    reference, window = normal(test, 40, 6), normal(test, 30, 7, 0.3)
    plain = test.run(reference, window, rng(), permutations=50)
    scaled = test.run(reference * scale, window * scale, rng(), permutations=50)
    assert scaled.p_value == pytest.approx(plain.p_value, rel=1e-6)


def test_one_huge_value_and_few_rows_are_answered(test: RowTest) -> None:
    window = normal(test, 12, 8)
    window[0] = 1e12
    assert 0 < (test.run(normal(test, 12, 9), window, rng(), permutations=30).p_value or 0) <= 1
    assert 0 < (test.run(normal(test, 5, 9), normal(test, 5, 8), rng(), permutations=30).p_value or 0) <= 1


def test_blocks_keep_the_level_where_rows_do_not(test: RowTest) -> None:
    """Blocks of 20 rows with a level of their own: the rows of a block are about one row's worth of evidence."""
    generator = np.random.default_rng(10)
    by_rows, by_blocks = [], []
    for _ in range(25):
        shape = (24, 1, 3) if test.many else (24, 1)
        levels = generator.normal(size=shape)
        rows = levels + 0.2 * generator.normal(size=(24, 20, *shape[2:]))
        reference, window = rows[:16].reshape(320, *shape[2:]), rows[16:].reshape(160, *shape[2:])
        ids = np.repeat(np.arange(16), 20), np.repeat(np.arange(8), 20)
        by_rows.append(test.run(reference, window, generator, permutations=19).p_value or 0)
        by_blocks.append(test.run(reference, window, generator, permutations=19, blocks=ids).p_value or 0)
    assert np.mean(np.array(by_blocks) <= 0.05) <= 0.2
    assert np.mean(np.array(by_rows) <= 0.05) >= 0.6
