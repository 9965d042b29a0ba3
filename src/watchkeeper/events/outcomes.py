"""What becomes of a piece of feedback: every case has a name, a written policy and a counter.

Feedback is taken in the order in which it was acknowledged, so that a replay, or another cut of the same stream into
steps, gives the same labels and the same metrics. Whatever its outcome, the feedback itself is kept as it came, for as
long as records are, with its source.
"""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of it; `POLICY` says what that means."""

    JOINED = "joined"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    REINSTATED = "reinstated"
    REPEATED = "repeated"
    CONFLICTING = "conflicting"
    PARKED = "parked"
    UNMATCHED = "unmatched"
    EXPIRED = "expired"
    AMBIGUOUS = "ambiguous"
    NOT_SCORED = "not_scored"
    WRONG_VALUE = "wrong_value"


POLICY: dict[Outcome, str] = {
    Outcome.JOINED: "It met its prediction, and counts in the bucket of the prediction's event time.",
    Outcome.CORRECTED: (
        "A correction replaced the label: the old pair is taken out of its bucket and the new one put in, exactly; "
        "what the metric was before is kept beside it."
    ),
    Outcome.WITHDRAWN: (
        "What a source had said of the prediction is taken back: its pair is taken out of its bucket, exactly, and "
        "what others had said stands again; what the metric was before is kept beside it."
    ),
    Outcome.REINSTATED: (
        "What was said of the prediction beside the label that was taken back stands again: it is counted here too, "
        "beside what became of it first."
    ),
    Outcome.REPEATED: (
        "The same value again under another feedback ID, or a withdrawal where nothing is left: nothing changes."
    ),
    Outcome.CONFLICTING: (
        "Another value for a prediction that has one, and not said to be a correction: the first stays. "
        "Send kind `correction` to replace it. Or a withdrawal of what another source said: that stays."
    ),
    Outcome.PARKED: "No such prediction yet: it waits, and is tried again when that prediction comes.",
    Outcome.UNMATCHED: "It waited until its deadline and no prediction came: it is put among the dead letters.",
    Outcome.EXPIRED: "The prediction is older than the records that are kept: nothing is left to compare it with.",
    Outcome.AMBIGUOUS: (
        "Several predictions that were acknowledged before it have the caller's own ID: none of them is chosen."
    ),
    Outcome.NOT_SCORED: "It met its prediction, but that prediction failed or has no output to score: in no metric.",
    Outcome.WRONG_VALUE: "The model's task has no such value (another class, or no number): in no metric.",
}
