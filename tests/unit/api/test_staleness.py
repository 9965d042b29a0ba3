"""A version's loss by its age."""

from __future__ import annotations

import msgspec
import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.performance import performance
from watchkeeper.api.staleness import StalenessView, model_staleness
from watchkeeper.events.errors import NotFound


@pytest.fixture(scope="module")
def view(context: Context) -> StalenessView:
    return model_staleness(context, "delays")


def test_age_counts_from_the_end_of_the_reference(view: StalenessView) -> None:
    assert (view.trained_at, view.from_reference) == (START, True)
    assert view.age == pytest.approx((view.as_of - START) / DAY)
    assert view.ages[0] == pytest.approx(0.5)
    assert list(view.ages) == sorted(view.ages)


def test_blocks_are_the_mature_windows_and_their_loss(view: StalenessView, context: Context) -> None:
    windows = performance(context, "delays").windows
    mature = {(one.start - START + DAY / 2) / DAY: one.metrics["accuracy"] for one in windows if one.maturity.mature}
    assert set(view.ages) == set(mature)
    for age, mean, rows in zip(view.ages, view.means, view.rows, strict=True):
        accuracy = mature[age].value
        assert accuracy is not None
        assert mean == pytest.approx(1 - accuracy)
        assert rows == pytest.approx(mature[age].n)
    assert sum(band.blocks for band in view.curve.bands) == len(view.ages)


def test_what_is_allowed_is_reached_where_the_loss_rises(view: StalenessView, context: Context) -> None:
    allowed = model_staleness(context, "delays", allowed=0.9).curve
    assert msgspec.structs.replace(allowed, crosses=None) == view.curve
    assert (allowed.crosses is not None) == (view.curve.rise is not None and view.curve.rise > 0)


def test_nothing_labelled_is_no_age_curve(context: Context) -> None:
    assert model_staleness(context, "delays", route="canary").ages == ()
    with pytest.raises(NotFound):
        model_staleness(context, "nothing")


def test_without_times_the_age_counts_from_the_registration(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = context.reference(context.version("delays"))
    monkeypatch.setattr(reference, "block_width", None)
    found = model_staleness(context, "delays")
    assert (found.trained_at, found.from_reference) == (START - 3600.0, False)
