"""Every score has one bin, and thresholds are edges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.performance.score_bins import COARSE, FINE, MIDDLING, ScoreBins


@given(st.floats(0, 1))
@pytest.mark.parametrize("bins", [FINE, MIDDLING, COARSE])
def test_a_score_lies_within_its_bin(bins: ScoreBins, score: float) -> None:
    (place,) = bins.place(np.array([score]))
    assert bins.lower[place] <= score
    if place < bins.size - 1:
        assert score < bins.lower[place + 1] or score == 0
    assert (place == 0) == (score == 0)
    assert (place == bins.size - 1) == (score == 1)


def test_sizes_are_fixed() -> None:
    assert (FINE.size, MIDDLING.size, COARSE.size) == (1474, 386, 114)


def test_small_scores_are_told_apart() -> None:
    assert len(np.unique(FINE.place(np.geomspace(1e-6, 1e-3, 100)))) > 80


@pytest.mark.parametrize(("asked", "real"), [(0.5, 0.5), (0.0, 0.0), (1.0, 1.0), (0.30001, 0.2998046875)])
def test_a_threshold_moves_to_the_nearest_edge(asked: float, real: float) -> None:
    first, found = FINE.at_threshold(asked)
    assert found == real
    assert FINE.lower[first] == real
