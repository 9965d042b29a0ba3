"""A result says whether there is one."""

from __future__ import annotations

from watchkeeper.detectors.rows.result import RowResult


def test_no_p_value_is_not_the_same_as_nothing_found() -> None:
    assert not RowResult(test="t", statistic=None, p_value=None, n=1, m=5, note="not computable").computable
    assert RowResult(test="t", statistic=0.0, p_value=1.0, n=5, m=5).computable
