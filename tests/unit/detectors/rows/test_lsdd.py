"""LSDD against the integral it estimates."""

from __future__ import annotations

import numpy as np
import pytest

from watchkeeper.detectors.rows.lsdd import lsdd
from watchkeeper.events.errors import BadInput


def test_it_estimates_the_integrated_squared_difference() -> None:
    """For N(0, 1) and N(2, 1) that is (1 - exp(-1)) / sqrt(pi) = 0.357; the fit's ridge and width lose some of it."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=2000), rng.normal(2, 1, size=2000)
    found = lsdd(x, y, rng, permutations=1, bandwidth=0.5, ridge=0.001, standardise=False).statistic
    assert found is not None
    assert found / np.sqrt(np.pi * 0.25) == pytest.approx(0.357, rel=0.1)


def test_the_level_holds_when_nothing_changed() -> None:
    rng = np.random.default_rng(1)
    p = [
        lsdd(rng.normal(size=(25, 2)), rng.normal(size=(15, 2)), rng, permutations=39).p_value or 0 for _ in range(200)
    ]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.1


def test_many_columns_do_not_overflow() -> None:
    rng = np.random.default_rng(2)
    found = lsdd(rng.normal(size=(100, 400)), rng.normal(0.5, 1, size=(80, 400)), rng, permutations=50)
    assert found.p_value == pytest.approx(1 / 51)
    assert "100 centres" in found.note


def test_parameters_are_checked() -> None:
    with pytest.raises(BadInput, match="ridge"):
        lsdd([1.0, 2], [1.0, 3], np.random.default_rng(0), ridge=0.0)
