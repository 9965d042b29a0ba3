from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.figures import valid
from watchkeeper.report.distribution import (
    NEVER_SEEN,
    OTHER_LEVELS,
    distribution_of,
    levels_distribution,
)
from watchkeeper.report.distribution_figure import distribution_figure
from watchkeeper.tallies.bins import count
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.status import StatusBins
from watchkeeper.tallies.tally import Tally


def both(reference: object, current: object) -> tuple[NumericBins, Tally, Tally]:
    old, new = (pa.array(np.asarray(values, float)) for values in (reference, current))
    bins = NumericBins.fit(old)
    return bins, count(bins, old), count(bins, new)


def test_bars_hold_all_the_mass_of_both_samples() -> None:
    rng = np.random.default_rng(0)
    made = distribution_of(*both(rng.normal(size=4000), rng.normal(2, 1, size=3000)))
    assert made is not None
    assert sum(made.reference) == pytest.approx(1)
    assert sum(made.current) == pytest.approx(1)
    assert (made.n_reference, made.n_current) == (4000, 3000)
    assert made.centres is not None
    mean = float(np.dot(made.centres, made.current))
    assert mean == pytest.approx(2, abs=0.1)


def test_a_few_single_values_get_a_bar_each() -> None:
    made = distribution_of(*both(np.repeat([0, 1, 2, 5], 500), np.repeat([1, 2], 500)))
    assert made is not None
    assert len(made.reference) == 4
    assert made.current == pytest.approx((0, 0.5, 0.5, 0))


def test_a_thousandfold_value_is_one_last_bar_that_says_so() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(10, 1, 4000)
    made = distribution_of(*both(values, values * 1000))
    assert made is not None
    assert made.current[-1] == pytest.approx(1)
    assert made.names[-1].startswith("above ")


def test_positive_values_over_decades_are_shown_on_a_log_axis() -> None:
    values = np.random.default_rng(2).lognormal(5, 2, 4000)
    made = distribution_of(*both(values, values))
    assert made is not None
    assert made.log
    assert valid(distribution_figure(made))["layout"]["xaxis"]["ticktext"]


def test_levels_by_size_with_the_rest_added_up() -> None:
    names = [f"level {i}" for i in range(30)]
    made = levels_distribution(names, np.arange(30.0), np.ones(30))
    assert made.names[0] == "level 29"
    assert made.names[-1] == "10 others"
    assert sum(made.reference) == pytest.approx(1)


def test_known_levels_outside_the_top_share_one_bar_and_those_never_seen_have_their_own() -> None:
    bins = CategoricalBins(levels=["a", "b"], rare=["c", "d"])
    known, now = pa.array(["a", "b", "c", "d"]), pa.array(["a", "c", "new", "newer"])
    made = distribution_of(bins, count(bins, known), count(bins, now))
    assert made is not None
    assert dict(zip(made.names, made.reference, strict=True)) == {
        "a": 0.25,
        "b": 0.25,
        OTHER_LEVELS: 0.5,
        NEVER_SEEN: 0,
    }
    assert dict(zip(made.names, made.current, strict=True)) == {"a": 0.25, "b": 0, OTHER_LEVELS: 0.25, NEVER_SEEN: 0.5}
    assert made.n_current == 4


def test_what_was_never_seen_is_shown_however_little_it_is() -> None:
    names = [f"level {i}" for i in range(30)]
    made = levels_distribution(names, np.full(30, 100.0), np.full(30, 100.0), unseen=(0, 1))
    assert made.names[-2:] == ("10 others", NEVER_SEEN)
    assert made.current[-1] == pytest.approx(1 / 3001)


def test_missing_rows_take_their_share_from_the_bars() -> None:
    bins = CategoricalBins.fit(pa.array(["a", "b"]))
    made = distribution_of(bins, count(bins, pa.array(["a", "b"])), count(bins, pa.array(["a", None, None, None])))
    assert made is not None
    assert (made.current, made.missing) == ((0.25, 0.0), (0.0, 0.75))
    numbers = distribution_of(*both([1.0, 2.0], [1.0, np.nan]))
    assert numbers is not None
    assert sum(numbers.current) == pytest.approx(0.5)
    assert numbers.missing == (0.0, 0.5)


def test_a_status_has_no_distribution() -> None:
    bins = StatusBins()
    assert distribution_of(bins, Tally.zero(4, 0), Tally.zero(4, 0)) is None


LARGEST = 1.7976931348623157e308


def test_the_largest_float_makes_bars() -> None:
    made = distribution_of(*both([1.0, 2.0], [LARGEST, -LARGEST]))
    assert made is not None
    assert sum(made.current) == pytest.approx(1)


VALUES = st.lists(st.floats(-1e150, 1e150) | st.sampled_from([0.0, np.nan, np.inf, -np.inf]), max_size=40)


@given(VALUES, VALUES)
def test_any_values_make_a_figure(reference: list[float], current: list[float]) -> None:
    made = distribution_of(*both(reference, current))
    assert made is not None
    assert sum(made.reference) == pytest.approx(1 - made.missing[0] if reference else 0)
    assert sum(made.current) == pytest.approx(1 - made.missing[1] if current else 0)
    assert np.isfinite([*made.reference, *made.current, *(made.centres or ()), *(made.widths or ())]).all()
    valid(distribution_figure(made, unit="km"))
