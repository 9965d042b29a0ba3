"""Numeric tallies: exact addition, nothing lost, sound quantiles and moments, ugly data."""

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.tallies.bins import count
from watchkeeper.tallies.numeric import NumericBins

rng = np.random.default_rng(1)
NORMAL = rng.normal(3.0, 2.0, 20_000)
BINS = NumericBins.fit(pa.array(NORMAL), minimum=-1.0, maximum=8.0)

anything = st.lists(st.one_of(st.none(), st.floats(), st.sampled_from([0.0, -0.0, 5e-324, 1e308, 3.0])), max_size=60)


def numbers(values: Sequence[float | None] | np.ndarray) -> pa.Array:
    return pa.array(values, pa.float64(), from_pandas=False)


@given(anything, anything)
def test_addition_is_exact(a: list[float | None], b: list[float | None]) -> None:
    assert count(BINS, numbers(a)) + count(BINS, numbers(b)) == count(BINS, numbers(b + a))


@given(anything, st.randoms(use_true_random=False))
def test_order_and_splits_do_not_matter(values: list[float | None], random: object) -> None:
    whole = count(BINS, numbers(values))
    shuffled = list(values)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert count(BINS, numbers(shuffled)) == whole
    chunked = pa.chunked_array([numbers([value]) for value in values], pa.float64())
    assert count(BINS, chunked) == whole


@given(anything)
def test_every_row_is_counted_once(values: list[float | None]) -> None:
    tally = count(BINS, numbers(values))
    rates = BINS.rate_counts(tally.counts)
    assert BINS.rows(tally.counts) == len(values)
    assert rates["missing"] == sum(value is None for value in values)
    assert rates["nan"] == sum(value is not None and math.isnan(value) for value in values)
    assert rates["infinite"] == sum(value is not None and math.isinf(value) for value in values)
    finite = [value for value in values if value is not None and math.isfinite(value)]
    assert rates["out_of_range"] == sum(not -1.0 <= value <= 8.0 for value in finite)
    assert BINS.value_counts(tally.counts).sum() == len(finite)
    assert (tally.low[0], tally.high[0]) == (min(finite, default=math.inf), max(finite, default=-math.inf))


@given(st.lists(st.floats(-100, 100), min_size=1))
def test_a_value_lies_between_the_edges_of_its_bin(values: list[float]) -> None:
    cells = np.asarray(BINS.encode(numbers(values)).cell)
    slack = 1e-6 * (1 + np.abs(values))
    assert (BINS.edges[cells] - slack <= values).all()
    assert (np.array(values) <= BINS.edges[cells + 1] + slack).all()


def test_bins_are_reference_quantiles() -> None:
    counts = count(BINS, numbers(NORMAL)).counts
    inside = BINS.value_counts(counts)[BINS.lo_bin : BINS.hi_bin + 1]
    assert inside.sum() == len(NORMAL), "the reference lies inside its own range"
    assert inside.max() < 2.5 * len(NORMAL) / 128
    assert (np.diff(BINS.edges) > 0).all()


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_moments_agree_with_numpy(shift: float) -> None:
    values = NORMAL + shift
    bins = NumericBins.fit(numbers(values))
    n, mean, sd = bins.moments(count(bins, numbers(values)).counts)
    assert n == len(values)
    assert mean == pytest.approx(values.mean(), abs=1e-6)
    assert sd == pytest.approx(values.std(), rel=1e-4)


@pytest.mark.parametrize("q", [0.01, 0.1, 0.5, 0.9, 0.99])
def test_quantiles_are_within_a_bin(q: float) -> None:
    tally = count(BINS, numbers(NORMAL))
    got = BINS.quantile(tally.counts, q, tally.low[0], tally.high[0])
    assert abs((got > NORMAL).mean() - q) < 1 / 128


def test_quantile_ends_are_the_extremes() -> None:
    tally = count(BINS, numbers(NORMAL))
    ends = tally.low[0], tally.high[0]
    assert BINS.quantile(tally.counts, 0.0, *ends) == pytest.approx(NORMAL.min())
    assert BINS.quantile(tally.counts, 1.0, *ends) == pytest.approx(NORMAL.max())
    assert math.isnan(BINS.quantile(count(BINS, numbers([])).counts, 0.5))


def test_heavy_values_get_bins_of_their_own() -> None:
    values = np.where(rng.random(20_000) < 0.5, 0.0, rng.lognormal(size=20_000))
    bins = NumericBins.fit(numbers(values))
    counts = bins.value_counts(count(bins, numbers(values)).counts)
    assert bins.atoms.sum() == 1
    assert counts[bins.atoms][0] == (values == 0).sum()


def test_integers_are_atoms_and_fractions_are_of_the_wrong_type() -> None:
    bins = NumericBins.fit(numbers(rng.poisson(5, 20_000)), whole=True)
    assert bins.atoms.sum() >= 10
    counts = count(bins, numbers([1.0, 1.5, None, math.nan])).counts
    assert bins.rate_counts(counts)["wrong_type"] == 1
    assert bins.rate_counts(count(bins, pa.array([1, 2])).counts)["wrong_type"] == 0


def test_a_change_of_unit_keeps_its_shape_outside_the_range() -> None:
    values = 100.0 + 10 * NORMAL
    bins = NumericBins.fit(numbers(values))
    counts = bins.value_counts(count(bins, numbers(values * 1.609)).counts)
    outside = counts[bins.hi_bin + 1 :]
    assert (outside > 0).sum() >= 2, "more than one overflow bar"


def test_text_that_is_no_number_is_unreadable_and_of_the_wrong_type() -> None:
    counts = count(BINS, pa.array(["1.5", "x", None])).counts
    rates = BINS.rate_counts(counts)
    assert {name: int(rates[name]) for name in ("unreadable", "wrong_type", "missing")} == {
        "unreadable": 1,
        "wrong_type": 1,
        "missing": 1,
    }
    assert BINS.rows(counts) == 3


def test_values_beyond_the_sums_are_counted_as_saturated() -> None:
    tally = count(BINS, numbers([3.0, 1e300, -1e300]))
    assert tally.counts[BINS.slot("saturated")] == 2
    assert (tally.low[0], tally.high[0]) == (-1e300, 1e300)


@pytest.mark.parametrize(
    "values",
    [
        [], [None], [math.nan], [math.inf], [7.0], [7.0] * 100, [1e-320, 2e-320], [1e300, -1e300, 1e308],
        (1e-5 * NORMAL).tolist(), [*NORMAL.tolist(), 1e12], [0.0, -0.0], [2.0**60 + i * 256 for i in range(100)],
    ],
)  # fmt: skip
def test_ugly_references_still_make_bins(values: list[float | None]) -> None:
    bins = NumericBins.fit(numbers(values))
    tally = count(bins, numbers(values))
    assert bins.rows(tally.counts) == len(values)
    inside = bins.value_counts(tally.counts)[bins.lo_bin : bins.hi_bin + 1].sum()
    assert inside == sum(value is not None and math.isfinite(value) for value in values)
    assert NumericBins.from_dict(bins.to_dict()).to_dict() == bins.to_dict()


def test_tiny_and_shifted_scales_are_resolved() -> None:
    for values in (1e-5 * NORMAL, 1e9 + NORMAL, 1e-300 * NORMAL):
        bins = NumericBins.fit(numbers(values))
        counts = bins.value_counts(count(bins, numbers(values)).counts)
        assert (counts > 0).sum() > 100


@settings(max_examples=20)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_fit_is_deterministic_and_survives_json(values: list[float]) -> None:
    one, two = NumericBins.fit(numbers(values)), NumericBins.fit(numbers(values))
    again = NumericBins.from_dict(one.to_dict())
    assert one.to_dict() == two.to_dict() == again.to_dict()
    assert count(again, numbers(values)) == count(one, numbers(values))


def test_logarithmic_bins_have_their_resolution() -> None:
    bins = NumericBins.logarithmic(16.0, 1.3e8)
    inner = bins.edges[1:-1]
    assert inner[0] == 16.0
    assert inner[-1] >= 1.3e8
    assert np.log2(inner[1:] / inner[:-1]).max() <= 0.17


def test_logarithmic_bins_sum_exactly_over_their_whole_span() -> None:
    """A latency's mean comes from its sums; it must not saturate at 128 µs."""
    bins = NumericBins.logarithmic(16.0, 1.3e8)
    values = pa.array([20, 900, 40_000, 130_000_000], pa.int32())
    tally = count(bins, values)
    _, mean, _ = bins.moments(tally.counts)
    assert float(mean) == pytest.approx(np.mean(values.to_pylist()), abs=1)
    assert tally.counts[bins.slot("saturated")] == 0


LARGEST = 1.7976931348623157e308


@pytest.mark.parametrize("known", [[1.0, 2.0, 3.0], [-LARGEST, LARGEST], [LARGEST, LARGEST / 2], [-LARGEST, 0.0]])
def test_values_near_the_largest_float_are_counted_without_a_warning(known: list[float]) -> None:
    bins = NumericBins.fit(pa.array(known))
    tally = count(bins, pa.array([LARGEST, -LARGEST, 0.0, None]))
    values = bins.value_counts(tally.counts)
    assert (values.sum(), int(bins.rows(tally.counts))) == (3, 4)
    assert values[-1] + values[bins.hi_bin] >= 1, "the largest goes to an upper bin"
    assert np.all(bins.edges[1:] >= bins.edges[:-1])
    assert -LARGEST <= bins.quantile(tally.counts, 0.5, -LARGEST, LARGEST) <= LARGEST
    n, *_ = bins.moments(tally.counts)
    assert n == 3


def test_what_was_clipped_in_the_sums_is_known_by_side() -> None:
    bins = NumericBins.fit(pa.array([0.0, 1.0, 2.0]))
    sides = {values: bins.clipped(count(bins, pa.array(values)).counts) for values in ((1.0, 9.0), (1e9,), (-1e9, 1e9))}
    assert sides == {(1.0, 9.0): (False, False), (1e9,): (False, True), (-1e9, 1e9): (True, True)}
