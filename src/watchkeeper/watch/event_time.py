"""Which time a row counts under.

An event time is believed from 1970 up to one day after the row was received: a clock may run ahead a little, and
history may be replayed. Any other is replaced by the receive time and counted as `clock_skew`, so that a client whose
clock is wrong, or that sends milliseconds for seconds, can neither open windows far in the future nor close present
ones.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from watchkeeper.events.inference import TIMESTAMP
from watchkeeper.tallies.tally import IntArray

AHEAD_US = 86_400_000_000
"""How far after its receive time an event time is believed, microseconds."""


class Timed(NamedTuple):
    """Rows in order of event time. `events` and `receives` int64 (n,) Unix microseconds; `skewed` rows were moved."""

    table: pa.Table
    events: IntArray
    receives: IntArray
    skewed: int


def in_event_order(table: pa.Table) -> Timed:
    """The rows of `table` with believable event times, ascending; rows of one time keep their order."""
    events, receives = _microseconds(table, "event_time"), _microseconds(table, "receive_time")
    wrong = (events < 0) | (events > receives + AHEAD_US)
    skewed = int(wrong.sum())
    if skewed:
        events = np.where(wrong, receives, events)
        place = table.schema.get_field_index("event_time")
        table = table.set_column(place, table.schema.field(place), pa.array(events, pa.int64()).cast(TIMESTAMP))
    if np.any(events[1:] < events[:-1]):
        order = np.argsort(events, kind="stable")
        table, events, receives = table.take(pa.array(order)), events[order], receives[order]
    return Timed(table, events, receives, skewed)


def _microseconds(table: pa.Table, name: str) -> IntArray:
    return table.column(name).cast(pa.int64()).to_numpy()
