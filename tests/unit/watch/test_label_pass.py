"""What the passes over labels share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.scored import label, reach
from tests.helpers.watching import DAY, START, FakeClock, watched_store
from watchkeeper.alerts.cause import Cause
from watchkeeper.events.errors import Unavailable
from watchkeeper.store.buckets import Source
from watchkeeper.store.store import Store
from watchkeeper.watch.label_pass import LabelPass
from watchkeeper.watch.registry import Registry

MODELS = ("a", "b", "c")


class Listening(LabelPass[int]):
    """Fails on `b`, and remembers how often it looked at the others."""

    causes, what = frozenset({Cause.HARM}), "Words"
    error: Exception = ValueError("no")

    def _judge(self, source: Source, now: float, width: int) -> int:
        if source.model == "b":
            raise self.error
        assert (now, width) == (START + DAY + 7200.0, DAY)
        self._seen[source] = self._seen.get(source, 0) + 1
        return 1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path, *MODELS)
    for model in MODELS:
        reach(made, 0, model)
        label(made, 0, model=model)
    label(made, 0, model="b", route="canary")
    yield made
    made.close()


def test_one_that_cannot_be_judged_stops_no_other(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    listening = Listening(store, Registry(store), clock=FakeClock(START + DAY + 7200.0))
    assert listening.run() == 2
    assert caplog.text.count("Words of b 1 cannot be judged.") == 1
    assert {record.name for record in caplog.records} == {__name__}
    assert (listening.due(), listening.waiting) == (2, 0)
    assert listening._seen == {Source("a", "1", "live"): 2, Source("c", "1", "live"): 2}


def test_a_store_that_is_away_stops_the_pass(store: Store) -> None:
    listening = Listening(store, Registry(store), clock=FakeClock(START + DAY + 7200.0))
    listening.error = Unavailable("The disk is gone.")
    with pytest.raises(Unavailable):
        listening.run()


def test_versions_that_are_gone_are_forgotten(store: Store) -> None:
    listening = Listening(store, Registry(store), clock=FakeClock(START + DAY + 7200.0))
    listening._seen[Source("gone", "1", "live")] = 9
    listening.run()
    assert {source.model for source in listening._seen} == {"a", "c"}
