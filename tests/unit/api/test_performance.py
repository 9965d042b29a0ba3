"""Metrics by window, with what they rest on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.feedback import item, sent
from tests.helpers.seed import DAY as SEED_DAY
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.performance import performance
from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.watch.worker import Worker


@pytest.fixture
def labelled(tmp_path: Path) -> Iterator[Context]:
    """Five days of 80 rows; all of the first four labelled after an hour, a fifth of the last; ten corrections."""
    store, clock = watched_store(tmp_path), FakeClock(START + 5.0 * DAY)
    journal = MemoryJournal()
    worker = Worker(store, journal, clock=clock)
    for day in range(5):
        seconds = START + day * DAY + np.arange(80) * 1000
        rows = batch(seconds, seed=day)
        names = rows.column("prediction_id").to_pylist()[: 16 if day == 4 else 80]
        found = [item(name, float(k % 2), at=seconds[k] + 3600.0) for k, name in enumerate(names)]
        journal.append([entry(rows), sent(*found)])
        if day == 1:
            journal.append([sent(*(item(name, 1.0, "correction", at=clock.now) for name in names[:20:2]))])
        journal.append([sent(item(names[0], 0.5, "reward", at=clock.now))])
    while worker.step().entries:
        pass
    worker.close()
    yield Context(store, now=clock)
    store.close()


def test_every_window_says_how_good_and_how_sure(labelled: Context) -> None:
    view = performance(labelled, "flights")
    assert (view.task, view.main, view.width, view.as_of) == ("binary", "roc_auc", DAY, START + 5.0 * DAY)
    assert [window.start for window in view.windows] == [START + day * DAY for day in range(5)]
    first, last = view.windows[0], view.windows[-1]
    assert (first.maturity.predictions, first.maturity.labels, first.maturity.coverage) == (80, 80, 1.0)
    assert first.maturity.mature
    accuracy = first.metrics["accuracy"]
    assert None not in (accuracy.value, accuracy.low, accuracy.high)
    assert (accuracy.low or 0) < (accuracy.value or 0) < (accuracy.high or 0)
    assert accuracy.n == 80
    assert last.maturity.coverage == 0.2
    assert view.total["accuracy"].n == 4 * 80 + 16
    assert (first.rewards, first.zero_rewards) == (1, 0)
    assert first.mean_reward is not None
    assert (first.mean_reward.value, first.mean_reward.n, first.mean_reward.low) == (0.5, 1, None)
    assert view.mean_reward is not None
    assert (view.mean_reward.value, view.mean_reward.n, view.mean_reward.low) == (0.5, 5, 0.5)


def test_a_corrected_window_keeps_what_it_was(labelled: Context) -> None:
    first, second = performance(labelled, "flights").windows[:2]
    assert (first.corrected, first.before) == (0, {})
    assert second.corrected == 10
    assert second.before["positive_rate"].value == 0.5
    assert second.metrics["positive_rate"].value == 0.625
    assert second.revision > first.revision


def test_windows_of_any_length_add_up(labelled: Context) -> None:
    short = performance(labelled, "flights", window="6h", start=str(START), end=str(START + DAY))
    assert [window.maturity.labels for window in short.windows] == [22, 22, 21, 15]
    assert sum(window.metrics["accuracy"].n for window in short.windows) == 80
    live = performance(labelled, "flights", route="live")
    assert live.total == performance(labelled, "flights").total
    assert performance(labelled, "flights", route="canary").windows == ()


def test_what_cannot_be_answered_is_said(labelled: Context) -> None:
    with pytest.raises(BadInput, match="no whole number of buckets"):
        performance(labelled, "flights", window="100")
    with pytest.raises(BadInput, match="a duration"):
        performance(labelled, "flights", window="soon")
    with pytest.raises(BadInput, match="at most 400"):
        performance(labelled, "flights", start="0", end=str(START))
    with pytest.raises(NotFound):
        performance(labelled, "nobody")


def test_a_model_without_labels_has_windows_without_metrics(context: Context) -> None:
    view = performance(context, "delays")
    assert view.width == SEED_DAY
    assert view.windows


def test_an_empty_model_has_no_windows(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    view = performance(Context(store, now=lambda: float(START)), "flights")
    assert (view.windows, view.total) == ((), {})
    store.close()
