from __future__ import annotations

import pyarrow as pa
import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.distributions import column_key, distribution, moments
from watchkeeper.events.errors import NotFound
from watchkeeper.tallies.bins import count
from watchkeeper.tallies.numeric import NumericBins
from watchkeeper.tallies.status import StatusBins
from watchkeeper.tallies.tally import Tally


def test_the_newest_window_against_the_reference(context: Context) -> None:
    view = distribution(context, "delays", "wind")
    assert (view.start, view.end) == (START + 29 * DAY, START + 30 * DAY)
    assert view.rows == 400
    rates = {rate.fault: rate for rate in view.rates}
    assert rates["missing"].current_share == pytest.approx(0.33, abs=0.1)
    assert rates["missing"].reference_share == 0
    assert view.current is not None
    assert view.reference is not None
    assert view.current.mean == pytest.approx(10, abs=4)
    assert view.current.minimum is not None
    assert view.current.minimum <= (view.current.quantiles["0.5"] or 0) <= (view.current.maximum or 0)


def test_a_category(context: Context) -> None:
    view = distribution(context, "delays", "input.carrier")
    assert view.shape is not None
    assert "UA" in view.shape.names
    assert view.current is None
    assert {rate.fault for rate in view.rates} == {"missing", "unseen", "wrong_type"}


def test_any_span(context: Context) -> None:
    view = distribution(context, "delays", "distance", start=str(START), end=str(START + 2 * DAY))
    assert view.rows == 800


def test_a_span_without_rows(context: Context) -> None:
    view = distribution(context, "delays", "distance", start="0", end="3600")
    assert view.rows == 0
    assert view.current is not None
    assert view.current.mean is None
    assert view.rates[0].current_share is None


def test_a_column_that_is_not_there(context: Context) -> None:
    columns = context.reference(context.version("delays")).binning.columns
    assert column_key(columns, "late") == "output.late"
    with pytest.raises(NotFound, match=r"input\.distance"):
        column_key(columns, "nope")


def test_a_status_has_no_moments() -> None:
    assert moments(StatusBins(), Tally.zero(4, 0)) is None


def test_moments_of_clipped_sums_are_not_told() -> None:
    column = pa.array([float(i) for i in range(1000)])
    bins = NumericBins.fit(column)
    near, far = moments(bins, count(bins, column)), moments(bins, count(bins, pa.array([5.0, 1e9])))
    assert near is not None
    assert near.mean == pytest.approx(499.5, rel=1e-6)
    assert far is not None
    assert (far.mean, far.sd) == (None, None)
    assert far.maximum == 1e9
