"""Windows of labels put into a store as the worker would have counted them, in few words."""

from __future__ import annotations

import msgspec
import numpy as np

from tests.helpers.watching import DAY, START
from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.pairs import Pairs
from watchkeeper.store.buckets import Bucket, Source
from watchkeeper.store.performance import Scored
from watchkeeper.store.store import Store
from watchkeeper.store.windows import Stream
from watchkeeper.tallies.tally import IntArray, Tally

LAYOUT, DELAYS = layout_for("binary", ("0", "1")), DelayLayout(("0", "1"))
HOUR = 3600
_KEPT = msgspec.json.encode({"pairs": LAYOUT.to_dict(), "delays": DELAYS.to_dict()}).decode()
_NO_TALLY = Tally(np.zeros(3, np.int64), np.zeros(0), np.zeros(0))


def predict(store: Store, day: int, *, version: str = "1", route: str = "live", model: str = "flights") -> None:
    """A day of rows without labels."""
    store.tallies.add(Source(model, version, route), [Bucket(START + day * DAY, HOUR, _NO_TALLY, 120)])


def label(
    store: Store,
    day: int,
    wrong: float = 0.1,
    *,
    version: str = "1",
    route: str = "live",
    model: str = "flights",
    delay: float = HOUR,
    rows: int = 120,
    positives: float = 0.5,
    seed: int = 0,
) -> None:
    """Labels of a day's rows, a share `wrong` of them against the decision, that took `delay` seconds to come.

    `positives` is the share of rows that are positive; scores expect a half.
    """
    if store.performance.layout(model, version) is None:
        store.performance.set_layout(model, version, _KEPT)
    pairs = _pairs(day, wrong, rows=rows, positives=positives, seed=seed)
    counts = LAYOUT.tally(pairs).counts
    came = DELAYS.tally(np.full(rows, delay), np.asarray(pairs.truth)).counts
    scored = Scored(START + day * DAY, HOUR, counts, rows, delays=came)
    store.performance.add(Source(model, version, route), [scored])


def counted(day: int, wrong: float, *, rows: int, seed: int = 0) -> IntArray:
    """The counts of such labels."""
    return LAYOUT.tally(_pairs(day, wrong, rows=rows, positives=0.5, seed=seed)).counts


def _pairs(day: int, wrong: float, *, rows: int, positives: float, seed: int) -> Pairs:
    rng = np.random.default_rng([day, seed])
    truth = (rng.random(rows) < positives).astype(np.int64)
    said = np.where(rng.random(rows) < wrong, 1 - truth, truth)
    scores = np.where(said == 1, rng.uniform(0.8, 1.0, rows), rng.uniform(0.0, 0.2, rows))
    weight = np.full(rows, 256, np.int64)
    return Pairs(task="binary", classes=("0", "1"), weight=weight, truth=truth, predicted=said, scores=scores)


def reach(store: Store, day: int, model: str = "flights") -> float:
    """The stream has come to the end of `day`, as it happens; two hours later in Unix seconds."""
    now = START + (day + 1) * DAY + 2.0 * HOUR
    store.windows.advance(Stream(model=model, newest_event=now, newest_receive=now, lag=1.0))
    return now
