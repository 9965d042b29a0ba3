"""What every store promises, run over each of them. A store is opened on a directory; what it kept outlives it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.watching import DAY, START, FakeClock, batch, entry, labels, reference, register
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.store.buckets import Bucket, Source
from watchkeeper.store.losses import AFTER_JOURNAL
from watchkeeper.store.query import RecordFilter
from watchkeeper.store.store import Store, open_store
from watchkeeper.watch.loop import Watch
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.worker import Worker

STORES: dict[str, Callable[[Path], Store]] = {"sqlite": open_store}
LIVE = Source("flights", "1", "live")


@pytest.fixture(params=STORES)
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    opened: list[Store] = []

    def again() -> Store:
        if opened:
            opened[-1].close()
        opened.append(STORES[request.param](tmp_path))
        return opened[-1]

    yield again
    opened[-1].close()


def one_of_everything(store: Store) -> None:
    """A registered model, rows of three days, a label, a dead letter, a judged window."""
    register(store)
    journal, clock = MemoryJournal(), FakeClock(START + 100.0 * DAY)
    worker = Worker(store, journal, clock=clock)
    for day in range(3):
        rows = batch(START + day * DAY + np.arange(100) * 60.0, seed=day, receive=clock.now)
        journal.append([entry(rows), entry(labels([f"p-{day:06d}-000000"])), entry(batch([START], model="nobody"))])
    Watch(store, journal, worker, Monitoring(store, registry=worker.registry, clock=clock), clock=clock).settle()
    worker.close()


def everything(store: Store) -> list[object]:
    """All that a reader can see."""
    found = store.tallies.window_sum("flights", "1", 0, 1 << 40)
    assert found is not None
    return [
        store.versions.versions("flights"),
        store.versions.model("flights"),
        found,
        [bucket.tally for bucket in store.tallies.buckets("flights", "1", 0, 1 << 40)],
        store.tallies.spans("flights"),
        store.queries.page("flights", RecordFilter(), limit=1000),
        store.verdicts.history("flights"),
        store.windows.changed(),
        store.windows.streams(),
        store.alerts.find(),
        store.outbox.find(),
        store.losses.totals(),
        store.losses.intake(),
        store.dead_letters.find(),
        store.positions.get("watch"),
        store.blobs.read(store.versions.version("flights", "1").reference_digest),
    ]


def test_everything_outlives_the_process(reopen: Callable[[], Store]) -> None:
    first = reopen()
    one_of_everything(first)
    before = everything(first)
    assert everything(reopen()) == before


def test_rows_are_conserved(reopen: Callable[[], Store]) -> None:
    store = reopen()
    one_of_everything(store)
    received = sum(line.received for line in store.losses.intake())
    stored = sum(line.stored for line in store.losses.intake())
    lost = sum(rows for (_, reason), rows in store.losses.totals().items() if reason in AFTER_JOURNAL)
    assert received == 306
    assert received == stored + lost


def test_a_transaction_is_kept_whole_or_not_at_all(reopen: Callable[[], Store]) -> None:
    store = reopen()
    one_of_everything(store)
    before = everything(store)
    tally = reference().binning.tally(batch([START]))
    with suppress(ArithmeticError), store.begin():
        store.tallies.add(LIVE, [Bucket(START, 3600, tally, 1)])
        store.positions.set("watch", 1)
        store.losses.add({("flights", "full"): 5})
        store.windows.touch("flights", "1", [(START, START + DAY)])
        store.outbox.add("n", "a", "log", "{}", 1.0)
        raise ArithmeticError
    assert everything(store) == before
    assert everything(reopen()) == before


def test_a_reader_sees_whole_commits_only(reopen: Callable[[], Store]) -> None:
    """Each commit adds a row to a bucket and moves the position: the two must never be seen apart."""
    store = reopen()
    register(store)
    tally = reference().binning.tally(batch([START]))
    torn: list[tuple[int, int]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with store.begin():  # one snapshot for both
                found = store.tallies.window_sum("flights", "1", 0, 1 << 40)
                rows, position = (found[1] if found else 0), store.positions.get("watch")
            if rows != position:
                torn.append((rows, position))

    thread = threading.Thread(target=read)
    thread.start()
    for count in range(1, 31):
        with store.begin():
            store.tallies.add(LIVE, [Bucket(START, 3600, tally, 1)])
            store.positions.set("watch", count)
    done.set()
    thread.join()
    assert torn == []
    assert store.positions.get("watch") == 30
