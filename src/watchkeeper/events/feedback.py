"""The Arrow envelope of feedback: what came later for a prediction.

A prediction is named by its prediction ID, or by the caller's own ID of the request (`request_id`) and the row in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec
import pyarrow as pa

from watchkeeper.events.inference import TIMESTAMP


class FeedbackKind(StrEnum):
    """A label is the truth, a correction replaces a label, a reward scores the outcome, a decision is a human's.

    A withdrawal takes back what one source said of a prediction; its text is that source. An opinion is what a rater
    says of a prediction that somebody else labels: it is kept beside the label, and in no metric.
    """

    LABEL = "label"
    CORRECTION = "correction"
    REWARD = "reward"
    DECISION = "decision"
    WITHDRAWAL = "withdrawal"
    OPINION = "opinion"

    @property
    def truth(self) -> bool:
        """Whether it says what was true."""
        return self in (FeedbackKind.LABEL, FeedbackKind.CORRECTION)


_KINDS = {kind.value: kind for kind in FeedbackKind}


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of feedback. `number` or `text` holds the value; times are Unix microseconds.

    `prediction_id` is empty where `request_id` and `row` (from 0) name the prediction. `source` is who sent it.
    `probability` is how likely the prediction was to be chosen for labelling, where it was chosen by chance.
    """

    feedback_id: str
    prediction_id: str
    kind: FeedbackKind
    number: float | None = None
    text: str | None = None
    event_time: int
    receive_time: int
    source: str | None = None
    request_id: str | None = None
    row: int | None = None
    probability: float | None = None


FEEDBACK: tuple[pa.Field, ...] = (
    pa.field("feedback_id", pa.string(), nullable=False),
    pa.field("prediction_id", pa.string(), nullable=False),
    pa.field("kind", pa.string(), nullable=False),
    pa.field("number", pa.float64()),
    pa.field("text", pa.string()),
    pa.field("event_time", TIMESTAMP, nullable=False),
    pa.field("receive_time", TIMESTAMP, nullable=False),
    pa.field("source", pa.string()),
)
LATER: tuple[pa.Field, ...] = (
    pa.field("request_id", pa.string()),
    pa.field("row", pa.int32()),
    pa.field("probability", pa.float64()),
)
"""Columns that a batch of an earlier version lacks."""

ORDER = pa.field("order", pa.int64())
"""Where an item stands in the journal: what is stored keeps it, so that it can be told again in its order."""


def feedback_batch(model: str, feedback: Sequence[Feedback]) -> pa.RecordBatch:
    """The Arrow batch of `feedback` for one model, in the given order."""
    fields = (*FEEDBACK, *LATER)
    schema = pa.schema(fields, metadata={"kind": "feedback", "model": model})
    columns = [pa.array([getattr(item, field.name) for item in feedback], type=field.type) for field in fields]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def complete(batch: pa.RecordBatch) -> pa.RecordBatch:
    """`batch` with every column that is stored, in its order; what an earlier version did not write is missing."""
    found = {field.name: batch.column(field.name) for field in FEEDBACK}
    known = set(batch.schema.names)
    for field in (*LATER, ORDER):
        found[field.name] = batch.column(field.name) if field.name in known else pa.nulls(batch.num_rows, field.type)
    return pa.RecordBatch.from_arrays(list(found.values()), schema=pa.schema((*FEEDBACK, *LATER, ORDER)))


def feedback_of(table: pa.Table) -> list[Feedback]:
    """The rows of `table`, which is `complete`."""
    columns = {}
    for name in Feedback.__struct_fields__:
        column = table.column(name)
        columns[name] = (column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column).to_pylist()
    columns["kind"] = [_kind(text) for text in columns["kind"]]
    return [Feedback(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _kind(text: str) -> FeedbackKind:
    """A kind that this version does not know is a human's word, which counts in no metric."""
    return _KINDS.get(text, FeedbackKind.DECISION)
