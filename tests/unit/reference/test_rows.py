from __future__ import annotations

import numpy as np

from watchkeeper.reference.rows import SAMPLE_ROWS, sample_size, sampled_rows


def test_few_rows_are_all_taken() -> None:
    assert sampled_rows(10, 10).tolist() == list(range(10))


def test_many_rows_are_spread_over_the_table() -> None:
    rows = sampled_rows(2_500_000, 10_000)
    assert len(np.unique(rows)) == 10_000
    assert (np.diff(rows) > 0).all()
    counts = np.histogram(rows, 10, (0, 2_500_000))[0]
    assert (np.abs(counts - 1000) < 5 * 30).all()


def test_wide_tables_keep_fewer_rows() -> None:
    assert sample_size(20) == SAMPLE_ROWS
    assert sample_size(1000) == 10_000
