from __future__ import annotations

import numpy as np
import pytest

from tests.unit.monitors.streams import day, tallies
from watchkeeper.monitors.block_statistics import block_statistics
from watchkeeper.reference.reference import Reference


def test_the_reference_itself_lies_in_the_middle(timed: Reference) -> None:
    statistics = block_statistics(timed.binning, timed.whole.counts)
    means = statistics.means(timed.whole.counts[None])[0]
    assert means[0] == pytest.approx(0.0, abs=1e-9)
    assert means[1] == pytest.approx(0.25, abs=0.01)
    assert means[2] == 0.0


def test_means_of_days_are_the_means_of_their_rows(timed: Reference, rng: np.random.Generator) -> None:
    statistics = block_statistics(timed.binning, timed.whole.counts)
    one = day(rng, 400)
    means = statistics.means(tallies(timed, [one]))[0]
    shares = {part.what: mean for part, mean in zip(statistics.parts, means, strict=True)}
    assert shares["the share of `north` in `shop`"] == pytest.approx((one["shop"] == "north").mean())


def test_two_days_average_to_their_sum(timed: Reference, rng: np.random.Generator) -> None:
    statistics = block_statistics(timed.binning, timed.whole.counts)
    both = tallies(timed, [day(rng, 100), day(rng, 300)])
    means, total = statistics.means(both), statistics.means(both.sum(0)[None])[0]
    assert np.allclose(total, (100 * means[0] + 300 * means[1]) / 400)


def test_the_variance_is_that_of_one_row(timed: Reference) -> None:
    statistics = block_statistics(timed.binning, timed.whole.counts)
    variance = statistics.variances(timed.whole.counts)
    assert variance[0] == pytest.approx(1 / 12, rel=0.02)
    assert (variance >= 0).all()


def test_missing_values_are_neutral_but_counted(timed: Reference, rng: np.random.Generator) -> None:
    statistics = block_statistics(timed.binning, timed.whole.counts)
    none = day(rng, 100, price=lambda _, v: np.full(100, np.nan))
    means = statistics.means(tallies(timed, [none]))[0]
    assert means[:3].tolist() == [0.0, 0.25, 1.0]


def test_a_window_without_rows_is_no_error(timed: Reference) -> None:
    statistics = block_statistics(timed.binning, timed.whole.counts)
    assert np.isfinite(statistics.means(np.zeros((1, timed.binning.size), np.int64))).all()
