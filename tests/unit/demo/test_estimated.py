"""Estimates of a year beside what its labels said."""

from __future__ import annotations

import pytest

from tests.helpers.seed import DAY, NOW, START
from watchkeeper.api.context import Context
from watchkeeper.api.performance import performance
from watchkeeper.demo.estimated import estimated
from watchkeeper.store.store import Store

SPAN = float(START), float(START + 30 * DAY)


def test_months_are_means_of_days_that_have_both(store: Store) -> None:
    year = estimated(store, "delays", "v7", SPAN, "roc_auc")
    windows = performance(Context(store, now=lambda: NOW), "delays").windows
    both = [one for one in windows if "roc_auc" in one.estimated and "roc_auc" in one.metrics]
    assert year is not None
    (month,) = year.months
    assert (month.name, month.days) == ("2013-06", len(both))
    assert month.estimated == pytest.approx(sum(one.estimated["roc_auc"].value or 0 for one in both) / len(both))
    assert month.realised == pytest.approx(sum(one.metrics["roc_auc"].value or 0 for one in both) / len(both))


def test_the_record_is_of_all_days_and_knows_what_doing_nothing_would_have_said(store: Store) -> None:
    year = estimated(store, "delays", "v7", SPAN, "roc_auc")
    assert year is not None
    assert year.record.windows == year.months[0].days
    assert year.record.naive_error is not None
    assert year.record.naive_error > 0
    assert year.method


def test_nothing_estimated_is_nothing_to_tell(store: Store) -> None:
    assert estimated(store, "delays", "v7", (0.0, float(DAY)), "roc_auc") is None
    assert estimated(store, "delays", "v7", SPAN, "no_such_metric") is None
