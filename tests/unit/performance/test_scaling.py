"""Numbers in units of what is ordinary, clipped and told so."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.performance.scaling import Scale, SignedBins

BINS = SignedBins()


@given(st.floats(-200, 200))
def test_a_number_lies_within_its_bin(value: float) -> None:
    (place,) = BINS.place(np.clip(np.array([value]), -128, 128))
    low, high = BINS.edges[place], BINS.edges[place + 1]
    assert low <= np.clip(value, -128, 128) <= high


def test_bins_are_in_order_and_zero_is_in_the_middle() -> None:
    assert (np.diff(BINS.edges) > 0).all()
    assert len(BINS.middle) == BINS.size
    assert BINS.place(np.array([0.0])).tolist() == [BINS.size // 2]


def test_the_ordinary_width_is_about_one() -> None:
    scale = Scale.of(np.random.default_rng(0).normal(1e6, 50, 1000))
    scaled = scale.scaled(np.array([1e6 - 130.0, 1e6 + 130.0]))
    assert 0.5 <= np.ptp(scaled) <= 1.2
    assert scale.beyond(np.array([1e6, 2e6])).tolist() == [False, True]


def test_a_constant_has_a_scale() -> None:
    assert Scale.of(np.zeros(3)).scale == 1
    assert Scale.of(np.full(3, 8.0)).scale == 0.125
