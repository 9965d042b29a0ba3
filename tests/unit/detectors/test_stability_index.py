from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.result import Bar
from watchkeeper.detectors.samples import Samples
from watchkeeper.detectors.stability_index import stability_index


def test_it_is_the_textbook_sum_when_cells_are_full() -> None:
    reference, window = np.array([4000.0, 6000.0]), np.array([500.0, 500.0])
    w, r = np.array([0.5, 0.5]), np.array([0.4, 0.6])
    textbook = float(((w - r) * np.log(w / r)).sum())
    assert float(stability_index(Samples(reference, window), Bar()).effect) == pytest.approx(textbook, rel=0.01)


def test_an_empty_cell_is_large_but_finite() -> None:
    index = float(stability_index(Samples(np.array([500.0, 500.0]), np.array([200.0, 0.0])), Bar()).effect)
    assert np.isfinite(index)
    assert index > 1


def test_under_no_change_it_alarms_at_about_its_level_where_custom_would_often() -> None:
    rng = np.random.default_rng(0)
    reference = rng.multinomial(1000, [1 / 12] * 12).astype(float)
    windows = rng.multinomial(100, [1 / 12] * 12, 2000).astype(float)
    result = stability_index(Samples(reference, windows), Bar())
    assert (result.effect > 0.1).mean() > 0.2
    assert (result.p_value <= 0.01).mean() < 0.04
