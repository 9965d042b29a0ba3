from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.scores import mean_shift, mid_ranks


def test_mid_ranks_rise_from_zero_to_one() -> None:
    ranks = mid_ranks(Samples(np.array([2.0, 2.0]), np.array([2.0, 2.0])))
    assert ranks.tolist() == [0.25, 0.75]


def test_the_p_value_is_the_permutation_p_value_even_for_zero_inflated_scores() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([np.zeros(950), rng.exponential(1, 50)])
    bins, codes = np.unique(values, return_inverse=True)
    window, reference = codes[np.r_[0:40, 950:965]], codes[np.r_[40:950, 965:1000]]
    counts = [np.bincount(c, minlength=len(bins)).astype(float) for c in (reference, window)]
    result = mean_shift(Samples(counts[0], counts[1]), bins, Bar())
    observed, n = bins[window].mean() - bins[reference].mean(), len(window)
    draws = np.array([(p[:n].mean() - p[n:].mean()) for p in (rng.permutation(values) for _ in range(4000))])
    exact = (1 + (draws >= observed).sum()) / 4001
    assert float(result.p_value) / 2 == pytest.approx(exact, rel=0.8, abs=1e-3)


def test_constant_scores_show_nothing() -> None:
    result = mean_shift(Samples(np.array([5.0, 5.0]), np.array([5.0, 0.0])), np.ones(2), Bar())
    assert float(result.p_value) == 1.0
    assert float(result.effect) == 0.0
