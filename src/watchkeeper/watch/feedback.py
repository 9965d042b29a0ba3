"""Feedback of one model, made ready to be kept: each feedback ID once, however often and by whomever it was sent."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from watchkeeper.events.feedback import ORDER, Feedback, complete, feedback_of
from watchkeeper.store.store import Store
from watchkeeper.watch.event_time import in_event_order


class FreshFeedback(NamedTuple):
    """`table` holds what is new, by event time; `ids` are its feedback IDs; `duplicates` rows were known already.

    `arrived` is the same as it lies in the journal, with its order there: so it was acknowledged, so it takes effect.
    """

    table: pa.Table
    ids: list[str]
    duplicates: int
    skewed: int
    arrived: list[tuple[int, Feedback]]


def fresh_feedback(store: Store, model: str, batches: list[pa.RecordBatch]) -> FreshFeedback:
    """Those rows of `batches` whose feedback ID is not stored yet; of rows with the same ID, the first."""
    table = pa.Table.from_batches([complete(batch) for batch in batches]).combine_chunks()
    ids = table.column("feedback_id").to_pylist()
    first = dict(zip(reversed(ids), range(len(ids) - 1, -1, -1), strict=True))
    known = store.feedback_ids.known(model, list(first))
    keep = sorted(place for feedback_id, place in first.items() if feedback_id not in known)
    duplicates = len(ids) - len(keep)
    if duplicates:
        table = table.take(pa.array(keep, pa.int64()))
    if not keep:
        return FreshFeedback(table, [], duplicates, 0, [])
    timed = in_event_order(table)
    fresh = timed.table.column("feedback_id").to_pylist()
    return FreshFeedback(timed.table, fresh, duplicates, timed.skewed, _arrived(timed.table))


def _arrived(table: pa.Table) -> list[tuple[int, Feedback]]:
    orders = table.column(ORDER.name).fill_null(0).to_pylist()
    return sorted(zip(orders, feedback_of(table), strict=True), key=lambda one: one[0])
