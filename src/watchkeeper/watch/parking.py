"""Feedback whose prediction never came: at its deadline it is counted, and put among the dead letters whole.

One letter for each model and pass, so that a steady trickle of unknown IDs fills no table. Deadlines are held against
how far the journal has been read: after a pause of this process the prediction may lie there still.
"""

from __future__ import annotations

from collections import Counter

from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.feedback import feedback_batch
from watchkeeper.events.outcomes import Outcome
from watchkeeper.store.dead_letters import DeadLetter
from watchkeeper.store.parked import Parked
from watchkeeper.store.records import FEEDBACK
from watchkeeper.store.store import Store
from watchkeeper.watch.settling import outcome_key

UNMATCHED = "unmatched"
_SHOWN = 3


def give_up_overdue(store: Store, now: float, read_until: float) -> int:
    """Give up what has waited until its deadline, by `now` and by what was read of the journal (Unix seconds)."""
    overdue = store.parked.overdue(min(now, read_until))
    if not overdue:
        return 0
    by_model: dict[str, list[Parked]] = {}
    for item in overdue:
        by_model.setdefault(item.model, []).append(item)
    with store.begin():
        store.parked.remove(overdue)
        for model, items in by_model.items():
            store.outcomes.add(_outcomes(model, items))
            store.dead_letters.add([_letter(model, items, now)])
    return len(overdue)


def _outcomes(model: str, items: list[Parked]) -> Counter[tuple[str, int, str, Outcome, str]]:
    return Counter((model, *outcome_key(item.feedback, Outcome.UNMATCHED)) for item in items)


def _letter(model: str, items: list[Parked], now: float) -> DeadLetter:
    names = [item.feedback.request_id or item.feedback.prediction_id for item in items]
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return DeadLetter(
        received_at=now,
        reason=UNMATCHED,
        detail=f"Feedback that waited until its deadline and whose prediction never came: {shown}."[:1000],
        kind=FEEDBACK,
        model=model,
        rows=len(items),
        position=0,
        payload=encode_batch(feedback_batch(model, [item.feedback for item in items])),
    )
