"""Estimates that were made as windows closed stand beside what labels say, with the record of their method."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.helpers.calibrated import ROWS, fill
from tests.helpers.watching import DAY, START, FakeClock, register, watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.performance import PerformanceView, performance
from watchkeeper.store.estimates import Estimate
from watchkeeper.watch.estimating import EstimateWatch
from watchkeeper.watch.registry import Registry

DAYS = 20
END = str(START + DAYS * DAY)
CLOCK = FakeClock(START + 80.0 * DAY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("calibrated")


@pytest.fixture(scope="module")
def context(folder: Path) -> Context:
    store = watched_store(folder)
    fill(store, range(DAYS))
    EstimateWatch(store, Registry(store), clock=CLOCK).run(work=100)
    return Context(store, now=CLOCK)


@pytest.fixture(scope="module")
def told(context: Context) -> PerformanceView:
    return performance(context, "flights", start=str(START), end=END)


def test_the_truth_lies_within_the_interval(told: PerformanceView) -> None:
    guessed = [window for window in told.windows if window.estimated]
    assert [window.start for window in guessed] == [START + day * DAY for day in range(8, DAYS)]
    for name in ("accuracy", "roc_auc", "brier"):
        held = [
            (w.estimated[name].low or 0.0) <= (w.metrics[name].value or 0.0) <= (w.estimated[name].high or 0.0)
            for w in guessed
        ]
        assert sum(held) >= len(held) - 1, name
        assert all(w.estimated[name].estimated and w.estimated[name].n == ROWS for w in guessed)


def test_the_record_stands_beside_them(told: PerformanceView) -> None:
    record = told.record["accuracy"]
    assert told.estimator == record.estimator == "confidence"
    assert list(told.other_records) == ["weighted confidence"]
    assert (record.windows, record.good, record.note) == (DAYS - 8, True, "")
    assert record.error is not None
    assert record.naive_error is not None
    assert record.error < record.naive_error / 2


def test_windows_without_an_estimate_say_why(context: Context, told: PerformanceView) -> None:
    assert told.estimate_note.startswith("8 of 20 windows have no estimate: fewer than 8 windows of 30 labels")
    assert "were mature before it" in told.windows[3].estimate_note
    assert told.windows[9].estimate_note == ""
    for given in ({"window": "2d"}, {"route": "shadow"}):
        other = performance(context, "flights", start=str(START), end=END, **given)
        assert "the model's own windows and of its live route" in other.estimate_note
        assert other.record == {}
        assert not any(window.estimated for window in other.windows)
    live = performance(context, "flights", start=str(START), end=END, route="live")
    assert (live.windows, live.record) == (told.windows, told.record)


def test_the_record_goes_by_windows_before_the_span_too(context: Context, told: PerformanceView) -> None:
    late = performance(context, "flights", start=str(START + 18 * DAY), end=END)
    assert [w.estimated for w in late.windows] == [w.estimated for w in told.windows[18:]]
    assert late.record == told.record
    assert late.estimate_note == ""


def test_the_method_with_the_better_record_comes_first(context: Context) -> None:
    kept = context.store.estimates.of("flights", "1", START, START + DAYS * DAY, "confidence")
    better = [msgspec.structs.replace(one, method="another") for one in kept if one.metrics]
    with pytest.raises(ZeroDivisionError), context.store.begin():
        context.store.estimates.put([_moved(one, -0.2) for one in kept if one.metrics] + better)
        view = performance(context, "flights", start=str(START), end=END)
        assert view.estimator == view.record["accuracy"].estimator == "another"
        assert not view.other_records["confidence"]["accuracy"].good
        assert set(view.windows[-1].other_estimates) == {"confidence", "weighted confidence"}
        raise ZeroDivisionError


def _moved(one: Estimate, by: float) -> Estimate:
    metrics = {name: msgspec.structs.replace(m, value=(m.value or 0.0) + by) for name, m in one.metrics.items()}
    return msgspec.structs.replace(one, metrics=metrics)


def test_what_is_unknown_is_said(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    register(store, "silent")
    blank = Context(store, now=CLOCK)
    assert "No label has come" in performance(blank, "silent").estimate_note
    fill(store, range(2))
    assert "not come to yet" in performance(blank, "flights").estimate_note
    store.close()
