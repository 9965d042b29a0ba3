"""What share came true at each score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from tests.unit.performance.simulated import binary, layout_of, sigmoid
from watchkeeper.performance.recalibration import MOST, recalibration
from watchkeeper.performance.said_counts import true_counts
from watchkeeper.performance.score_bins import FINE


def test_it_learns_what_scores_mean() -> None:
    pairs = binary(np.random.default_rng(0), 50_000)
    layout = layout_of(pairs)
    known = recalibration(true_counts(layout, layout.tally(pairs).counts)[0], FINE)
    assert known is not None
    x = np.log(0.3 / 0.7) + 0.5
    assert known.share[FINE.place(np.array([0.3]))][0] == pytest.approx(sigmoid(np.array([1.5 * x - 1]))[0], abs=0.03)


def test_groups_of_few_scores_agree_with_isotonic_regression() -> None:
    """Eight distinct scores, shares that do not rise: the pools are those of scikit-learn."""
    rng = np.random.default_rng(3)
    at = FINE.place((np.arange(8) + 0.5) / 8)
    counts = np.zeros((2, FINE.size))
    counts[0, at], counts[1, at] = rng.integers(50, 200, 8), rng.integers(50, 200, 8)
    known = recalibration(counts, FINE)
    assert known is not None
    total = counts.sum(0)[at]
    right = IsotonicRegression().fit_transform(np.arange(8), counts[1, at] / total, sample_weight=total)
    np.testing.assert_allclose(known.share[at], right, atol=1e-12)


@given(st.lists(st.tuples(st.integers(0, FINE.size - 1), st.integers(0, 80), st.integers(0, 80)), min_size=1))
@settings(max_examples=40, deadline=None)
def test_it_is_always_a_rising_share_that_keeps_the_number_of_positives(cells: list[tuple[int, int, int]]) -> None:
    counts = np.zeros((2, FINE.size))
    for place, no, yes in cells:
        counts[:, place] += no, yes
    known = recalibration(counts, FINE)
    if known is None:
        assert counts.sum() == 0
        return
    assert (np.diff(known.share) >= -1e-12).all()
    assert known.share.min() >= 0
    assert known.share.max() <= 1 + 1e-12
    assert known.groups <= 2 * MOST
    assert set(known.group.tolist()) == set(range(known.groups))
    assert (known.variance > 0).all()
