"""Feedback of one model, made ready to be kept: each feedback ID once, however often and by whomever it was sent."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from watchkeeper.events.feedback import Feedback, FeedbackKind, complete
from watchkeeper.store.store import Store
from watchkeeper.watch.event_time import in_event_order

_PLACE = "place"
_KINDS = {kind.value: kind for kind in FeedbackKind}


class FreshFeedback(NamedTuple):
    """`table` holds what is new, by event time; `ids` are its feedback IDs; `duplicates` rows were known already.

    `arrived` is the same in the order in which it was acknowledged, which is the order in which it takes effect.
    """

    table: pa.Table
    ids: list[str]
    duplicates: int
    skewed: int
    arrived: list[Feedback]


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
    timed = in_event_order(table.append_column(_PLACE, pa.array(np.arange(table.num_rows))))
    arrived = _arrived(timed.table.sort_by(_PLACE))
    table = timed.table.drop_columns([_PLACE])
    return FreshFeedback(table, table.column("feedback_id").to_pylist(), duplicates, timed.skewed, arrived)


def _arrived(table: pa.Table) -> list[Feedback]:
    columns = {}
    for name in Feedback.__struct_fields__:
        column = table.column(name)
        columns[name] = (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()
    columns["kind"] = [_kind(text) for text in columns["kind"]]
    return [Feedback(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _kind(text: str) -> FeedbackKind:
    """A kind that this version does not know is a human's word, which counts in no metric."""
    return _KINDS.get(text, FeedbackKind.DECISION)
