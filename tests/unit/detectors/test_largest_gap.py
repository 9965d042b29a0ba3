from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.largest_gap import largest_gap
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples


def test_it_is_the_largest_difference_of_shares() -> None:
    result = largest_gap(Samples(np.array([60.0, 30.0, 10.0]), np.array([40.0, 35.0, 25.0])), Bar())
    assert float(result.effect) == pytest.approx(0.2)
    assert float(result.low) < 0.2 < float(result.high)


def test_the_interval_is_of_the_size_whichever_way_it_went() -> None:
    down = largest_gap(Samples(np.array([90.0, 10.0]), np.array([10.0, 90.0])), Bar())
    assert 0 < float(down.low) < 0.8 < float(down.high) <= 1
