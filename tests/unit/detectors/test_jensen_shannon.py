from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from watchkeeper.detectors.jensen_shannon import divergence_root, jensen_shannon
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples

SHARES = st.lists(st.integers(1, 1000), min_size=4, max_size=4).map(lambda v: np.array(v, float) / sum(v))


@given(SHARES, SHARES)
def test_it_is_scipys_distance_in_bits(
    p: np.ndarray[tuple[int], np.dtype[np.float64]], q: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> None:
    assert float(divergence_root(p, q)) == pytest.approx(float(jensenshannon(p, q, base=2)), abs=1e-7)


def test_nothing_in_common_is_one() -> None:
    assert float(divergence_root(np.array([1.0, 0.0]), np.array([0.0, 1.0]))) == 1.0


def test_under_no_change_it_alarms_at_about_its_level() -> None:
    rng = np.random.default_rng(0)
    reference, windows = rng.multinomial(10_000, [0.125] * 8), rng.multinomial(500, [0.125] * 8, 3000)
    p = jensen_shannon(Samples(reference.astype(float), windows.astype(float)), Bar()).p_value
    assert (p <= 0.05).mean() == pytest.approx(0.05, abs=0.02)


def test_the_interval_of_no_change_reaches_zero() -> None:
    result = jensen_shannon(Samples(np.array([500.0, 500.0]), np.array([51.0, 49.0])), Bar())
    assert float(result.low) == 0.0
    assert float(result.high) > float(result.effect)
