"""All are lined up when a pass is due, and looked at some at a time."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from tests.helpers.scored import label, reach
from tests.helpers.watching import DAY, START, FakeClock, watched_store
from watchkeeper.store.buckets import Source
from watchkeeper.store.windows import Stream
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.rounds import Rounds

MODELS = ("a", "b", "c", "d")


def test_where_a_pass_takes_too_long_the_last_are_looked_at_as_often_as_the_first(tmp_path: Path) -> None:
    store = watched_store(tmp_path, *MODELS)
    for model in MODELS:
        reach(store, 0, model)
    seen: list[str] = []
    clock = FakeClock(float(START))

    def judge(source: Source, _: Stream) -> int:
        seen.append(source.model)
        clock.now += 400  # the next pass is due
        return 1

    sources = [Source(model, "1", "live") for model in (*MODELS, "gone")]
    rounds = Rounds(store, Registry(store), clock, sources=lambda: sources, judge=judge)
    while len(seen) < 8:
        rounds.due()
    assert seen == [*MODELS, *MODELS]
    assert rounds.run() == 4
    store.close()


def test_who_still_waits_is_told_so_that_a_replay_goes_on_to_the_end(tmp_path: Path) -> None:
    store = watched_store(tmp_path, *MODELS)
    for model in MODELS:
        reach(store, 0, model)
        label(store, 0, model=model)
    ticks = count()
    monitoring = Monitoring(store, clock=lambda: START + 2.0 * DAY + 0.4 * next(ticks))
    while monitoring.run():
        pass
    assert monitoring._harm.waiting == monitoring._segments.waiting == 0
    assert len(monitoring._harm._seen) == 4
    store.close()
