from __future__ import annotations

import numpy as np

from watchkeeper.detectors.location import location
from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.spread import spread

EDGES = np.linspace(-12, 12, 400)


def histogram(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.histogram(values, EDGES)[0].astype(float)


def test_it_sees_noise_that_location_does_not() -> None:
    rng = np.random.default_rng(0)
    noisy = Samples(histogram(rng.normal(size=5000)), histogram(rng.normal(0, 2, 300)))
    assert float(spread(noisy, Bar()).p_value) < 1e-8
    assert float(location(noisy, Bar()).p_value) > 1e-3


def test_further_out_is_positive_and_closer_in_negative() -> None:
    rng = np.random.default_rng(1)
    reference = histogram(rng.normal(size=5000))
    assert float(spread(Samples(reference, histogram(rng.normal(0, 2, 300))), Bar()).effect) > 0
    assert float(spread(Samples(reference, histogram(rng.normal(0, 0.5, 300))), Bar()).effect) < 0
