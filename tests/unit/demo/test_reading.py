import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from watchkeeper.demo.reading import AHEAD_SECONDS, Reader
from watchkeeper.demo.replay import Totals
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.window_verdict import WindowVerdict
from watchkeeper.store.losses import CLOCK_SKEW
from watchkeeper.store.records import FEEDBACK, INFERENCE
from watchkeeper.store.store import Store, open_store
from watchkeeper.store.windows import Stream, Window
from watchkeeper.tallies.tally import Tally

DAY = 86_400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def reader(store: Store) -> Reader:
    return Reader(store, "flights", lateness=3600)


def reached(store: Store, moment: float) -> None:
    store.windows.advance(Stream(model="flights", newest_event=moment, newest_receive=moment, lag=0.0))


def test_counts_hold_sent_against_stored(store: Store, reader: Reader) -> None:
    store.losses.take_in({("flights", INFERENCE): (5, 5), ("flights", FEEDBACK): (3, 3), ("other", INFERENCE): (9, 9)})
    store.losses.add({("flights", "dead_lettered"): 2, ("flights", CLOCK_SKEW): 4})
    counts = reader.counts(Totals(now=0.0, requests=2, predictions=5, labels=4))
    assert (counts.predictions_recorded, counts.labels_recorded, counts.lost) == (5, 3, 2)


def test_windows_tell_which_alarmed(store: Store, reader: Reader) -> None:
    for place, verdict in enumerate((Verdict.OK, Verdict.ALARM, Verdict.WARN)):
        window = Window("flights", "1", place * DAY, (place + 1) * DAY)
        store.verdicts.add(window, 1, WindowVerdict(verdict=verdict, n=10), 0.0)
    assert [one.alarm for one in reader.windows()] == [False, True, False]


def test_keep_up_does_not_wait_for_a_worker_that_is_near(store: Store, reader: Reader) -> None:
    reached(store, 100.0 * DAY)
    asyncio.run(reader.keep_up(Totals(now=100.0 * DAY + AHEAD_SECONDS - 1)))


def test_keep_up_waits_until_the_worker_has_come_nearer(store: Store, reader: Reader) -> None:
    async def scenario() -> None:
        reached(store, 1.0 * DAY)
        waiting = asyncio.create_task(reader.keep_up(Totals(now=100.0 * DAY)))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        reached(store, 99.0 * DAY)
        await asyncio.wait_for(waiting, 2)

    asyncio.run(scenario())


def test_finished_needs_every_row_stored_and_every_closed_window_judged(store: Store, reader: Reader) -> None:
    async def scenario() -> None:
        reached(store, 2.0 * DAY)
        store.windows.touch("flights", "1", [(0, DAY), (DAY, 2 * DAY)])
        waiting = asyncio.create_task(reader.finished(Totals(now=2.0 * DAY, predictions=5, labels=3)))
        await asyncio.sleep(0.05)
        store.losses.take_in({("flights", INFERENCE): (5, 5), ("flights", FEEDBACK): (3, 3)})
        await asyncio.sleep(0.05)
        assert not waiting.done()
        for window in store.windows.changed():
            if window.end <= DAY:
                store.verdicts.add(window, 1, WindowVerdict(verdict=Verdict.OK, n=5), 0.0)
                store.windows.judge(window, empty_tally(), 5)
        await asyncio.wait_for(waiting, 2)

    asyncio.run(scenario())


def empty_tally() -> Tally:
    return Tally.zero(3, 0)
