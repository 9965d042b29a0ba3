from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from watchkeeper.detectors.attainable import rate_can_reach, unseen_can_reach
from watchkeeper.detectors.samples import Rates


def rates(hits: float, before: float, n: float = 100.0, m: float = 900.0) -> Rates:
    return Rates(np.array(hits), np.array(n), np.array(before), np.array(m))


@pytest.mark.parametrize("marked", [1, 2, 3, 5, 8])
def test_a_rate_can_reach_the_chance_of_the_most_extreme_dealing_and_nothing_below(marked: int) -> None:
    extreme = 2 * stats.hypergeom(1000, marked, 100).sf(marked - 1)
    assert rate_can_reach(rates(0, marked), extreme * 1.001)
    assert not rate_can_reach(rates(0, marked), extreme * 0.999)


def test_the_margin_decides_and_not_where_the_rows_fell() -> None:
    for level in (1e-2, 1e-4, 1e-6):
        assert len({bool(rate_can_reach(rates(k, 4 - k), level)) for k in range(5)}) == 1


def test_no_marked_row_reaches_nothing_and_many_reach_everything() -> None:
    assert not rate_can_reach(rates(0, 0), 0.5)
    assert rate_can_reach(rates(30, 60), 1e-12)
    assert not unseen_can_reach(rates(0, 0), 0.5)
    assert unseen_can_reach(rates(10, 10), 1e-6)
    assert not unseen_can_reach(rates(1, 0), 1e-3)
