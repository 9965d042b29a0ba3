"""Judges are resumed from the store exactly. Whole verdicts: tests of monitoring."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.watching import DAY, START, batch, reference, watched_store
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.store.windows import Window
from watchkeeper.tallies.tally import Tally
from watchkeeper.watch.judges import Judges
from watchkeeper.watch.registry import Registry

SETTINGS = ModelSettings(bucket_seconds=3600, window_seconds=DAY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path, settings=SETTINGS)
    yield made
    made.close()


def day(number: int) -> tuple[Window, Tally]:
    start = START + number * DAY
    return Window("flights", "1", start, start + DAY), reference().binning.tally(batch([start] * 100, seed=number))


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (0, 2, 4, 3, 1)], ids=["in order", "late rows open days between"])
def test_a_resumed_judge_remembers_what_one_that_stayed_does(store: Store, order: tuple[int, ...]) -> None:
    stayed = Judges(store, Registry(store))
    for number in order:
        window, tally = day(number)
        bench = stayed.bench(window, SETTINGS)
        verdict = bench.hear(window, tally.counts)
        store.windows.touch("flights", "1", [(window.start, window.end)])
        store.windows.judge(window, tally, 100, verdict.unusual_columns)
        bench.follow(window, tally.counts, verdict)
    window, tally = day(5)
    one, other = stayed.bench(window, SETTINGS), Judges(store, Registry(store)).bench(window, SETTINGS)
    assert one is not other
    assert np.array_equal(one.history.means, other.history.means)
    assert np.array_equal(one.history.flagged, other.history.flagged)
    assert np.array_equal(one.history.starts, other.history.starts)
    assert np.array_equal(one.history.live, other.history.live)
    assert one.services == other.services
    assert one.hear(window, tally.counts) == other.hear(window, tally.counts)


def test_an_earlier_window_or_other_settings_make_a_new_bench(store: Store) -> None:
    judges = Judges(store, Registry(store))
    window, tally = day(3)
    bench = judges.bench(window, SETTINGS)
    bench.follow(window, tally.counts, bench.hear(window, tally.counts))
    assert judges.bench(day(2)[0], SETTINGS) is not bench
    later = judges.bench(day(4)[0], SETTINGS)
    assert judges.bench(day(4)[0], SETTINGS) is later
    assert judges.bench(day(4)[0], ModelSettings(alarms_per_month=2.0)) is not later
    judges.forget(window)
    assert judges.bench(day(4)[0], SETTINGS) is not later
