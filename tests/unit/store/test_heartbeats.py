"""The last sign of life of each process."""

from __future__ import annotations

from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.store import Store


def test_a_beat_replaces_the_last_one(store: Store) -> None:
    store.heartbeats.beat(Heartbeat(process="watch", pid=1, at=1.0, started_at=0.5, stats={"lag_rows": 5}))
    store.heartbeats.beat(Heartbeat(process="watch", pid=2, at=2.0, started_at=1.5, stats={"lag_rows": 0, "x": [1]}))
    (found,) = store.heartbeats.all()
    assert (found.pid, found.at, found.stats) == (2, 2.0, {"lag_rows": 0, "x": [1]})
