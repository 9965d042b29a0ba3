"""The Arrow envelope of feedback: what came later for a prediction ID."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec
import pyarrow as pa

from watchkeeper.events.inference import TIMESTAMP


class FeedbackKind(StrEnum):
    """A label is the truth, a correction replaces a label, a reward scores the outcome, a decision is a human's."""

    LABEL = "label"
    CORRECTION = "correction"
    REWARD = "reward"
    DECISION = "decision"


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of feedback. `number` or `text` holds the value; times are Unix microseconds."""

    feedback_id: str
    prediction_id: str
    kind: FeedbackKind
    number: float | None = None
    text: str | None = None
    event_time: int
    receive_time: int
    source: str | None = None


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


def feedback_batch(model: str, feedback: Sequence[Feedback]) -> pa.RecordBatch:
    """The Arrow batch of `feedback` for one model, in the given order."""
    schema = pa.schema(FEEDBACK, metadata={"kind": "feedback", "model": model})
    columns = [pa.array([getattr(item, field.name) for item in feedback], type=field.type) for field in FEEDBACK]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
