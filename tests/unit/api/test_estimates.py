"""Estimates beside what labels say: near the truth where scores mean what they say, never from a window's labels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, watched_store
from watchkeeper.api import estimates
from watchkeeper.api.context import Context
from watchkeeper.api.performance import PerformanceView, performance
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.watch.worker import Worker

DAYS, ROWS = 20, 250
END = str(START + DAYS * DAY)


def simulated(folder: Path, *, turned: Sequence[int] = (), days: int = DAYS, delay: float = 3600.0) -> Context:
    """Days of a model whose scores are the chance of class 1; on `turned` days labels are the other way round.

    Scores of later days are nearer to the middle or the ends, by turns, so performance truly moves.
    """
    store, clock = watched_store(folder), FakeClock(START + 40.0 * DAY)
    journal, rng = MemoryJournal(), np.random.default_rng(3)
    worker = Worker(store, journal, clock=clock)
    for day in range(days):
        seconds = START + day * DAY + np.arange(ROWS) * 300
        shape = (0.3, 1.0, 3.0)[day % 3]
        scores = rng.beta(shape, shape, ROWS)
        truth = (rng.random(ROWS) < scores) != (day in turned)
        rows = batch(seconds, seed=day)
        place = rows.schema.get_field_index("output.probability")
        rows = rows.set_column(place, rows.schema.field(place), pa.array(scores))
        names = rows.column("prediction_id").to_pylist()
        said = [item(n, float(t), at=s + delay) for n, t, s in zip(names, truth, seconds, strict=True)]
        journal.append([entry(rows), sent(*said)])
    while worker.step().entries:
        pass
    worker.close()
    return Context(store, now=clock)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> PerformanceView:
    context = simulated(tmp_path_factory.mktemp("calibrated"))
    view = performance(context, "flights", start=str(START), end=END, estimate=True)
    context.store.close()
    return view


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
    assert (record.windows, record.good, record.note) == (DAYS - 8, True, "")
    assert record.error is not None
    assert record.naive_error is not None
    assert record.error < record.naive_error / 2
    assert "8 of 20 windows have no estimate" in told.estimate_note


def test_a_windows_own_labels_never_change_its_estimate(told: PerformanceView, tmp_path: Path) -> None:
    context = simulated(tmp_path, turned=(14,))
    other = performance(context, "flights", start=str(START), end=END, estimate=True)
    context.store.close()
    assert other.windows[14].metrics["accuracy"] != told.windows[14].metrics["accuracy"]
    assert [w.estimated for w in other.windows[:16]] == [w.estimated for w in told.windows[:16]]
    assert other.windows[16].estimated != told.windows[16].estimated


def test_no_later_label_is_needed_for_an_estimate(told: PerformanceView, tmp_path: Path) -> None:
    context = simulated(tmp_path, days=15)
    short = performance(context, "flights", start=str(START), end=END, estimate=True)
    context.store.close()
    assert [w.estimated for w in short.windows] == [w.estimated for w in told.windows[:15]]


def test_only_windows_mature_by_then_teach(tmp_path: Path) -> None:
    context = simulated(tmp_path, delay=5.0 * DAY)
    view = performance(context, "flights", start=str(START), end=END, estimate=True)
    context.store.close()
    assert [place for place, window in enumerate(view.windows) if window.estimated] == [16, 17, 18, 19]


def test_windows_before_the_span_teach_too(told: PerformanceView, tmp_path: Path) -> None:
    context = simulated(tmp_path)
    late = performance(context, "flights", start=str(START + 18 * DAY), end=END, estimate=True)
    plain = performance(context, "flights", start=str(START), end=END)
    context.store.close()
    assert [w.estimated for w in late.windows] == [w.estimated for w in told.windows[18:]]
    assert late.record["accuracy"].note == "no record yet: 2 of 8 windows have labels"
    assert (plain.record, plain.estimate_note, plain.windows[-1].estimated) == ({}, "", {})


def test_what_is_too_much_or_unknown_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = simulated(tmp_path, days=2)
    monkeypatch.setattr(estimates, "MOST_PREDICTIONS", 2 * ROWS - 1)
    view = performance(context, "flights", start=str(START), end=END, estimate=True)
    assert view.estimate_note == "Beyond 499 predictions nothing is estimated: ask for a shorter span."
    context.store.close()
    blank = Context(watched_store(tmp_path / "blank"), now=lambda: float(START))
    assert "No label has come" in performance(blank, "flights", estimate=True).estimate_note
    blank.store.close()
