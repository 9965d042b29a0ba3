"""Feedback for tests: items of any kind, and the journal entries that carry them."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.helpers.watching import START, entry
from watchkeeper.events.feedback import Feedback, FeedbackKind, feedback_batch
from watchkeeper.journal.protocol import Entry

_numbers = count()


def item(prediction_id: str, value: float | str, kind: str = "label", *, at: float = START, **extra: Any) -> Feedback:
    """One piece of feedback, received at `at` (Unix seconds), with an ID of its own."""
    micros = int(at * 1e6)
    said: dict[str, Any] = {"text": value} if isinstance(value, str) else {"number": float(value)}
    fields: dict[str, Any] = {
        "feedback_id": f"id-{next(_numbers)}",
        "prediction_id": prediction_id,
        "kind": FeedbackKind(kind),
        "event_time": micros,
        "receive_time": micros,
    }
    return Feedback(**(fields | said | extra))


def sent(*items: Feedback, model: str = "flights") -> Entry:
    """The journal entry of `items`."""
    return entry(feedback_batch(model, items))
