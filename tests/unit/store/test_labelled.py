"""Windows with what labels say of them."""

from __future__ import annotations

import msgspec
import numpy as np

from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.layout import layout_for
from watchkeeper.store.buckets import Bucket, Source
from watchkeeper.store.labelled import labelled_windows
from watchkeeper.store.performance import Place, Scored
from watchkeeper.store.store import Store
from watchkeeper.tallies.tally import Tally

HOUR = 3600
LIVE = Source("m", "1", "live")


def test_windows_have_what_was_asked_and_what_was_labelled(store: Store) -> None:
    layout, delays = layout_for("binary", ("0", "1")), DelayLayout(("0", "1"))
    kept = msgspec.json.encode({"pairs": layout.to_dict(), "delays": delays.to_dict()}).decode()
    store.performance.set_layout("m", "1", kept)
    nothing = Tally(np.zeros(3, np.int64), np.zeros(0), np.zeros(0))
    store.tallies.add(LIVE, [Bucket(hour * HOUR, HOUR, nothing, 80) for hour in range(6)])
    counts = np.ones(layout.size, np.int64)
    took = delays.tally(np.full(60, 500.0), np.zeros(60, np.int64)).counts
    store.performance.add(LIVE, [Scored(hour * HOUR, HOUR, counts, 60, delays=took) for hour in range(5)])
    found = labelled_windows(store.performance, ("m", "1"), (0, 6 * HOUR), HOUR)
    assert found.starts == tuple(hour * HOUR for hour in range(6))
    assert (found.at(0).rows, found.at(5 * HOUR).rows) == (60, 0)
    learned = found.learned(6.0 * HOUR)
    first, last = (found.maturity(learned, start, 6.0 * HOUR) for start in (0, 5 * HOUR))
    assert (first.predictions, first.labels, first.coverage, first.mature) == (80, 60, 0.75, True)
    assert (last.labels, last.mature) == (0, False)
    assert labelled_windows(store.performance, ("m", "1"), (0, 6 * HOUR), HOUR, route="canary").starts == ()


def test_what_a_window_said_is_read_where_it_is_asked_for(store: Store) -> None:
    said = np.arange(4).reshape(1, 2, 2)
    store.performance.add_said({Place(LIVE, hour * HOUR, HOUR): said for hour in range(3)})
    store.performance.add(LIVE, [Scored(0, HOUR, np.ones(3, np.int64), 1)])
    found = labelled_windows(store.performance, ("m", "1"), (0, 4 * HOUR), 2 * HOUR, said=True)
    assert [window.said is not None and window.said.tolist() for window in map(found.at, (0, 2 * HOUR))] == [
        (2 * said).tolist(),
        said.tolist(),
    ]
    plain = labelled_windows(store.performance, ("m", "1"), (0, 4 * HOUR), 2 * HOUR)
    assert (plain.starts, plain.at(0).said) == ((0,), None)


def test_a_version_without_labels_has_no_layout(store: Store) -> None:
    found = labelled_windows(store.performance, ("m", "2"), (0, HOUR), HOUR)
    assert (found.layout, found.starts, found.learned(1.0).arrival) == (None, (), None)
