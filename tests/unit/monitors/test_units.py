from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from watchkeeper.monitors.units import CHANGES, UnitChange, unit_change
from watchkeeper.tallies.bins import count
from watchkeeper.tallies.numeric import NumericBins

RNG = np.random.default_rng(0)
BEFORE = RNG.gamma(3, 350, 20_000)
BINS = NumericBins.fit(pa.array(BEFORE))
REFERENCE = count(BINS, pa.array(BEFORE)).counts


def found(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> UnitChange | None:
    return unit_change(BINS, REFERENCE, count(BINS, pa.array(values)).counts)


@pytest.mark.parametrize("change", [c for c in CHANGES if c.name != "the sign changed"], ids=lambda c: c.name)
def test_every_known_change_is_named_or_is_too_small_here(change: UnitChange) -> None:
    named = found(change.offset + change.factor * RNG.gamma(3, 350, 900))
    assert named is None or named.factor == pytest.approx(change.factor, rel=0.12)
    if 1.5 < change.factor < 100 or 0.01 < change.factor < 0.6:
        assert named is not None


def test_a_flipped_sign_is_named() -> None:
    named = found(-RNG.gamma(3, 350, 900))
    assert named is not None
    assert named.factor == -1


def test_ordinary_values_and_ordinary_shifts_are_no_change_of_unit() -> None:
    assert found(RNG.gamma(3, 350, 900)) is None
    assert found(RNG.gamma(3, 380, 900)) is None
    assert found(RNG.gamma(3, 350, 900) + 150) is None


def test_a_level_that_moves_without_stretching_is_no_change_of_unit() -> None:
    demand = RNG.normal(0.44, 0.16, 20_000)
    bins = NumericBins.fit(pa.array(demand))
    reference = count(bins, pa.array(demand)).counts
    for level in np.linspace(0.2, 0.8, 41):
        now = count(bins, pa.array(RNG.normal(level, 0.16, 200))).counts
        assert unit_change(bins, reference, now) is None, level


def test_a_handful_of_rows_says_nothing() -> None:
    assert found(1.609344 * RNG.gamma(3, 350, 50)) is None


def test_whole_numbers_with_ties_are_understood() -> None:
    miles = RNG.choice(RNG.integers(90, 2500, 80), 20_000).astype(float)
    bins = NumericBins.fit(pa.array(miles))
    now = count(bins, pa.array(1.609344 * RNG.choice(miles, 900))).counts
    named = unit_change(bins, count(bins, pa.array(miles)).counts, now)
    assert named is not None
    assert named.name == "miles became kilometres"
