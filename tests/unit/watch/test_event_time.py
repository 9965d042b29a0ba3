"""Rows in event order, at times that can be believed."""

from __future__ import annotations

import pyarrow as pa

from tests.helpers.watching import DAY, START, batch
from watchkeeper.watch.event_time import in_event_order

MICRO = 1_000_000


def test_rows_are_sorted_and_equal_times_keep_their_order() -> None:
    rows = pa.Table.from_batches([batch([START + 5, START, START + 5, START + 1], receive=float(START + 9))])
    timed = in_event_order(rows)
    assert [name[-1] for name in timed.table.column("prediction_id").to_pylist()] == ["1", "3", "0", "2"]
    assert timed.events.tolist() == [(START + k) * MICRO for k in (0, 1, 5, 5)]


def test_sorted_rows_are_left_as_they_are() -> None:
    rows = pa.Table.from_batches([batch([START, START + 1])])
    assert in_event_order(rows).table is rows


def test_a_time_that_cannot_be_believed_becomes_the_receive_time() -> None:
    received = float(START)
    wild = [-1.0, START + DAY + 1.0, START * 1000.0, 9e12]
    fine = [0.0, START + DAY, START - 1000 * DAY]
    timed = in_event_order(pa.Table.from_batches([batch([*wild, *fine], receive=received)]))
    assert timed.skewed == 4
    assert sorted(timed.events.tolist()) == sorted([START * MICRO] * 4 + [int(second) * MICRO for second in fine])
    assert timed.table.column("event_time").cast(pa.int64()).to_pylist() == timed.events.tolist()
    assert timed.table.schema == pa.Table.from_batches([batch([START])]).schema
