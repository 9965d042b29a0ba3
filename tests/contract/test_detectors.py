"""What every detector promises, whoever wrote it: held against all of DETECTORS."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from watchkeeper.detectors.registry import DETECTORS, Evidence
from watchkeeper.detectors.result import Bar, Result
from watchkeeper.detectors.samples import Rates, Samples

BINS = 16
POSITIONS = np.cumsum(np.linspace(0.5, 2, BINS))
COUNTS = hnp.arrays(np.float64, BINS, elements=st.integers(0, 300).map(float))
ON_SAMPLES = (Evidence.VALUES, Evidence.SHAPE, Evidence.LEVELS)
OF_SAMPLES = [name for name, detector in DETECTORS.items() if detector.on[0] in ON_SAMPLES]
OF_RATES = [name for name in DETECTORS if name not in OF_SAMPLES]
FIELDS = ("statistic", "effect", "low", "high", "p_value", "gate", "smallest")
Array = np.ndarray[Any, np.dtype[np.float64]]


def measure(name: str, reference: Array, window: Array, bar: Bar | None = None) -> Result:
    """The detector's answer for the same counts, as whatever evidence it takes."""
    detector = DETECTORS[name]
    bar = bar or Bar(level=1e-3, floor=detector.floor)
    if name in OF_SAMPLES:
        return detector.measure(Samples(reference, window, POSITIONS), bar)
    return detector.measure(Rates(window[..., 0], window.sum(-1), reference[..., 0], reference.sum(-1)), bar)


def same(one: Result, other: Result) -> bool:
    return all(np.array_equal(getattr(one, f), getattr(other, f), equal_nan=True) for f in FIELDS)


@pytest.mark.parametrize("name", DETECTORS)
@settings(max_examples=25, deadline=None)
@given(reference=COUNTS, window=COUNTS)
def test_any_counts_give_numbers_in_their_bounds(name: str, reference: Array, window: Array) -> None:
    result = measure(name, reference, window)
    for field in FIELDS:
        values = np.asarray(getattr(result, field))
        assert values.shape == (), field
        assert not np.isnan(values), field
    assert 0 <= result.p_value <= 1
    assert 0 <= result.gate <= 1
    assert result.low <= result.high
    assert result.smallest >= 0


@pytest.mark.parametrize("name", DETECTORS)
@settings(max_examples=15, deadline=None)
@given(reference=COUNTS, window=COUNTS)
def test_it_changes_nothing_that_it_is_given(name: str, reference: Array, window: Array) -> None:
    before = reference.copy(), window.copy()
    first = measure(name, reference, window)
    assert np.array_equal(reference, before[0])
    assert np.array_equal(window, before[1])
    assert same(first, measure(name, reference, window))


@pytest.mark.parametrize("name", DETECTORS)
@settings(max_examples=15, deadline=None)
@given(counts=COUNTS, scale=st.integers(1, 5))
def test_the_same_shares_show_no_change(name: str, counts: Array, scale: int) -> None:
    counts = counts + 1
    result = measure(name, counts * scale, counts)
    smoothed = name in {"stability_index", "kullback_leibler"}  # a pseudo-count in every cell: shares move a little
    assert abs(result.effect) < (0.05 if smoothed else 1e-6)
    assert result.gated > 0.01
    assert result.low <= result.effect + 1e-9


@pytest.mark.parametrize("name", DETECTORS)
def test_a_batch_is_its_windows_one_by_one(name: str) -> None:
    rng = np.random.default_rng(0)
    reference = rng.integers(1, 500, (3, BINS)).astype(float)
    windows = rng.integers(0, 60, (4, 3, BINS)).astype(float)
    batch = measure(name, reference, windows)
    for w in range(4):
        for c in range(3):
            alone = measure(name, reference[c], windows[w, c])
            for field in FIELDS:
                expected = np.broadcast_to(getattr(batch, field), (4, 3))[w, c]
                assert float(getattr(alone, field)) == pytest.approx(float(expected), rel=1e-9, abs=1e-12), field


@pytest.mark.parametrize("name", OF_SAMPLES)
def test_empty_bins_beside_the_others_change_nothing(name: str) -> None:
    rng = np.random.default_rng(1)
    reference, window = rng.integers(1, 500, BINS).astype(float), rng.integers(0, 60, BINS).astype(float)
    bar = Bar(level=1e-3, floor=DETECTORS[name].floor)
    positions = np.concatenate([POSITIONS, np.full(5, POSITIONS[-1])])
    padded = Samples(np.append(reference, np.zeros(5)), np.append(window, np.zeros(5)), positions)
    alone, wide = (
        DETECTORS[name].measure(Samples(reference, window, POSITIONS), bar),
        DETECTORS[name].measure(padded, bar),
    )
    for field in FIELDS:
        assert float(getattr(alone, field)) == pytest.approx(float(getattr(wide, field)), rel=1e-9), field


@pytest.mark.parametrize("name", ["kolmogorov_smirnov", "levels", "g_test", "jensen_shannon", "largest_gap"])
def test_distances_do_not_depend_on_which_side_is_the_reference(name: str) -> None:
    rng = np.random.default_rng(2)
    one, other = rng.integers(20, 60, BINS).astype(float), rng.integers(20, 60, BINS).astype(float)
    forth, back = measure(name, one, other), measure(name, other, one)
    assert float(forth.effect) == pytest.approx(float(back.effect), rel=1e-9)
    assert float(forth.p_value) == pytest.approx(float(back.p_value), rel=1e-6)


@pytest.mark.parametrize("name", ["levels", "g_test", "jensen_shannon", "stability_index", "largest_gap", "worst_cell"])
def test_categories_have_no_order(name: str) -> None:
    rng = np.random.default_rng(3)
    reference, window = rng.integers(20, 500, BINS).astype(float), rng.integers(5, 60, BINS).astype(float)
    order = rng.permutation(BINS)
    plain, shuffled = measure(name, reference, window), measure(name, reference[order], window[order])
    assert float(plain.effect) == pytest.approx(float(shuffled.effect), rel=1e-9)
    assert float(plain.p_value) == pytest.approx(float(shuffled.p_value), rel=1e-9)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_large_change_is_found_and_its_interval_says_so(name: str) -> None:
    reference = np.array([10.0] + [700.0] * (BINS - 1))
    window = np.array([400.0] + [5.0] * (BINS - 1))
    result = measure(name, reference, window)
    assert result.gated <= 1e-3
    assert abs(result.effect) >= result.smallest
    assert result.low > 0 or result.high < 0


@pytest.mark.parametrize("name", DETECTORS)
def test_more_rows_show_smaller_effects(name: str) -> None:
    shares = np.array([40.0] + [100.0] * (BINS - 1))
    few, many = measure(name, shares * 100, shares), measure(name, shares * 100, shares * 50)
    assert many.smallest < few.smallest


@pytest.mark.parametrize("name", DETECTORS)
def test_every_detector_is_documented_as_a_spec(name: str) -> None:
    module = __import__(DETECTORS[name].measure.__module__, fromlist=["__doc__"])
    text = module.__doc__ or ""
    assert "Sees" in text
    assert "Cannot see" in text or "misses" in text
    assert "Parameters" in text
    assert ">>>" in (DETECTORS[name].measure.__doc__ or "")
