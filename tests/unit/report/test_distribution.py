from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.figures import valid
from watchkeeper.report.distribution import (
    OTHER_LEVELS,
    distribution_figure,
    distribution_of,
    levels_distribution,
    numeric_distribution,
)
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


def test_levels_outside_the_top_share_one_bar() -> None:
    bins = CategoricalBins.fit(pa.array(["a", "b"]))
    made = distribution_of(bins, count(bins, pa.array(["a", "b"])), count(bins, pa.array(["a", "new", "newer"])))
    assert made is not None
    assert dict(zip(made.names, made.current, strict=True))[OTHER_LEVELS] == pytest.approx(2 / 3)


def test_a_status_has_no_distribution() -> None:
    bins = StatusBins()
    assert distribution_of(bins, Tally.zero(4, 0), Tally.zero(4, 0)) is None


VALUES = st.lists(st.floats(-1e150, 1e150) | st.sampled_from([0.0, np.nan, np.inf, -np.inf]), max_size=40)


@given(VALUES, VALUES)
def test_any_values_make_a_figure(reference: list[float], current: list[float]) -> None:
    made = distribution_of(*both(reference, current))
    assert made is not None
    assert sum(made.reference) == pytest.approx(1 if made.n_reference else 0)
    assert sum(made.current) == pytest.approx(1 if made.n_current else 0)
    assert np.isfinite([*made.reference, *made.current, *(made.centres or ()), *(made.widths or ())]).all()
    valid(distribution_figure(made, unit="km"))


def test_hostile_levels_are_text() -> None:
    made = levels_distribution(["<img src=x onerror=alert(1)>", "__proto__"], np.ones(2), np.ones(2))
    assert "<img" not in str(valid(distribution_figure(made)))


def test_without_counts_there_is_a_sentence() -> None:
    made = numeric_distribution(np.array([0.0, 1.0]), np.zeros(1, bool), np.zeros(1), np.zeros(1))
    assert distribution_figure(made)["layout"]["annotations"]
