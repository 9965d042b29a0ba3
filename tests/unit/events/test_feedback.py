"""Feedback as an Arrow batch."""

from watchkeeper.events.feedback import Feedback, FeedbackKind, feedback_batch


def test_batch_keeps_every_field_in_order() -> None:
    items = [
        Feedback(
            feedback_id="f1", prediction_id="p1", kind=FeedbackKind.LABEL, number=1.0, event_time=5, receive_time=6
        ),
        Feedback(
            feedback_id="f2", prediction_id="p2", kind=FeedbackKind.DECISION, text="no", event_time=7, receive_time=8
        ),
    ]
    batch = feedback_batch("m", items)
    assert batch.schema.metadata == {b"kind": b"feedback", b"model": b"m"}
    assert batch.column("kind").to_pylist() == ["label", "decision"]
    assert batch.column("number").to_pylist() == [1.0, None]
    assert batch.column("text").to_pylist() == [None, "no"]
    assert batch.column("event_time").cast("int64").to_pylist() == [5, 7]
