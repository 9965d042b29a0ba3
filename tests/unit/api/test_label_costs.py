"""What labels cost and buy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, batch, entry, watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.label_costs import label_costs
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.store.label_requests import LabelRequest
from watchkeeper.store.labels import Label
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.worker import Worker

DAYS, ROWS = 10, 60
NOW = START + DAYS * float(DAY)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """Ten days with labels, at 0.5 EUR each."""
    settings = ModelSettings(
        bucket_seconds=3600, window_seconds=DAY, ask_labels=20, ask_more=30, label_cost=0.5, label_unit="EUR"
    )
    store, journal = watched_store(tmp_path_factory.mktemp("costs"), settings=settings), MemoryJournal()
    rng = np.random.default_rng(1)
    for day in range(DAYS):
        rows = batch(START + day * DAY + np.arange(ROWS) * 600, seed=day)
        names = rows.column("prediction_id").to_pylist()
        journal.append([entry(rows), sent(*(item(name, float(rng.random() < 0.5)) for name in names))])
    worker = Worker(store, journal, clock=lambda: NOW)
    while worker.step().entries:
        pass
    worker.close()
    yield Context(store, now=lambda: NOW)
    store.close()


def request(name: str, asked_at: float) -> LabelRequest:
    return LabelRequest(
        prediction_id=name, version="1", window_start=START, window_end=START + DAY, rows=ROWS, probability=0.1,
        reason="routine", why="", asked_at=asked_at, deadline=NOW + DAY, changed_at=asked_at,
    )  # fmt: skip


def label(name: str, at: float) -> Label:
    return Label(
        prediction_id=name, kind="label", text="1", event_time=int(at * 1e6), arrived_at=int(at * 1e6), version="1",
        route="live", predicted_at=START * 1_000_000,
    )  # fmt: skip


def test_what_was_spent_what_waits_and_what_more_would_buy(context: Context) -> None:
    queue = context.store.label_requests
    queue.add("flights", [request("early", NOW - 100), request("late", NOW - 100), request("known", NOW - 50)])
    queue.add("flights", [request("open", NOW - 100), request("left", NOW - 100)])
    context.store.labels.put("flights", [label("early", NOW - 90), label("late", NOW - 10), label("known", NOW - 60)])
    queue.settle("flights", NOW - 5)
    queue.leave("flights", {"left": "it cannot say"}, NOW)
    found = label_costs(context, context.version("flights"))
    assert (found.waiting, found.waiting_cost) == (2, 1.0)
    assert (found.answered, found.spent) == (2, 1.0)  # one was known before it was asked for: nobody was paid
    assert (found.labels, found.more, found.more_cost) == (20, 50, 15.0)
    assert found.rise is not None
    assert found.smaller is not None
    assert 0 < found.smaller < found.rise
    assert "for 15.00 EUR more a window" in found.words
    assert found.sums == (
        "A label costs 0.50 EUR: 1.00 EUR for the 2 of the last 30 days, 1.00 EUR for the 2 that wait."
    )
    later = Context(context.store, now=lambda: NOW + 31 * DAY)
    assert label_costs(later, context.version("flights")).answered == 0
