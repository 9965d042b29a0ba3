"""Kept estimates are held against the labels that were mature by a time."""

from __future__ import annotations

import numpy as np
import pytest

from tests.helpers.watching import DAY, START
from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.metric import Metric
from watchkeeper.performance.metrics import metrics
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.weights import WEIGHT_ONE
from watchkeeper.store.estimates import Estimate
from watchkeeper.store.estimator_records import RECORD_WINDOWS, EstimatorRecords, by_window, in_order
from watchkeeper.store.known_by import KnownBy
from watchkeeper.store.labelled import LabelledWindows
from watchkeeper.store.performance import Scored

LAYOUT = layout_for("binary", ("0", "1"))
ROWS = 100


def counted(right: int) -> np.ndarray:
    said = np.arange(ROWS) % 2
    truth = np.where(np.arange(ROWS) < right, said, 1 - said)
    weight = np.full(ROWS, WEIGHT_ONE, np.int64)
    return LAYOUT.tally(Pairs("binary", ("0", "1"), weight, truth=truth, predicted=said)).counts


def estimate(day: int, value: float, method: str = "confidence", usual: float = 0.7, width: int = DAY) -> Estimate:
    metric = Metric(value=value, low=value - 0.05, high=value + 0.05, n=ROWS, estimated=True)
    return Estimate(
        model="m", version="1", start=START + day * DAY, end=START + day * DAY + width, method=method,
        metrics={"accuracy": metric}, usual={"accuracy": usual}, taught=(8, 800), made_at=0.0,
    )  # fmt: skip


@pytest.fixture
def windows() -> LabelledWindows:
    """60 days, 60 to 90 of 100 right by turns, labelled after an hour."""
    delays = DelayLayout.of(("0", "1"))
    took = delays.tally(np.full(ROWS, 3600.0), np.arange(ROWS) % 2).counts
    starts = tuple(START + day * DAY for day in range(60))
    scored = {s: Scored(s, DAY, counted(60 + day % 4 * 10), ROWS, delays=took) for day, s in enumerate(starts)}
    return LabelledWindows(LAYOUT, delays, DAY, starts, dict.fromkeys(starts, 2 * ROWS), scored)


def truth(windows: LabelledWindows, day: int) -> float:
    counts = windows.at(START + day * DAY).counts
    assert counts is not None
    return metrics(LAYOUT, counts)["accuracy"].value or 0.0


def test_only_windows_mature_by_then_count(windows: LabelledWindows) -> None:
    kept = by_window([estimate(day, truth(windows, day) + 0.01) for day in range(20, 40)], DAY)
    records = EstimatorRecords(windows, KnownBy(windows), kept)
    assert records.by(START + 20.0 * DAY) == {}
    early = records.by(START + 25.0 * DAY)["confidence"]["accuracy"]
    assert (early.windows, early.good) == (5, False)
    late = records.by(START + 60.0 * DAY, "accuracy")["confidence"]["accuracy"]
    assert (late.windows, late.good) == (20, True)
    assert late.error == pytest.approx(0.01)
    assert late.naive_error == pytest.approx(0.1)


def test_what_was_good_long_ago_does_not_hide_what_is_not(windows: LabelledWindows) -> None:
    kept = by_window([estimate(day, truth(windows, day) - (0.3 if day >= 20 else 0.0)) for day in range(60)], DAY)
    record = EstimatorRecords(windows, KnownBy(windows), kept).by(START + 60.0 * DAY)["confidence"]["accuracy"]
    assert record.windows == RECORD_WINDOWS
    assert not record.good


def test_each_method_has_a_record_and_the_better_comes_first(windows: LabelledWindows) -> None:
    some = [estimate(day, truth(windows, day) + 0.04) for day in range(20)]
    some += [estimate(day, truth(windows, day), "weighted confidence") for day in range(20)]
    records = EstimatorRecords(windows, KnownBy(windows), by_window(some, DAY)).by(START + 60.0 * DAY)
    names = ["confidence", "weighted confidence", "loss model"]
    order = in_order(records, names, "accuracy")
    assert [one.estimator for one in order] == ["weighted confidence", "confidence", "loss model"]
    assert order[-1].windows == 0


def test_estimates_of_other_windows_or_without_a_number_are_left_out() -> None:
    blank = Estimate(
        model="m", version="1", start=START, end=START + DAY, method="confidence", metrics={}, usual={}, taught=(0, 0),
        made_at=0.0, note="too few",
    )  # fmt: skip
    found = by_window([blank, estimate(1, 0.5, width=3600), estimate(2, 0.5)], DAY)
    assert list(found) == [START + 2 * DAY]
