"""Which files hold which of the callers' own IDs."""

from __future__ import annotations

import msgspec

from watchkeeper.store.own_ids import OwnIds
from watchkeeper.store.records import RecordFile

ONE = RecordFile(
    path="1",
    kind="inference",
    model="m",
    day="d",
    rows=3,
    bytes=1,
    first_event=0,
    last_event=1,
    first_id="",
    last_id="",
)
TWO = msgspec.structs.replace(ONE, path="2", last_event=2)


def test_a_file_that_was_not_read_may_hold_anything() -> None:
    own = OwnIds()
    assert own.among(ONE, ["a", "b"]) == ["a", "b"]
    own.learn(ONE, ["b", "c", "b"])
    assert own.knows(ONE)
    assert own.among(ONE, ["a", "b", "z"]) == ["b"]
    own.learn(TWO, [])
    assert own.among(TWO, ["a"]) == ()


def test_the_oldest_events_are_forgotten_first_and_files_that_are_gone_at_once() -> None:
    own = OwnIds(most=3)
    own.learn(TWO, ["a", "b"])
    own.learn(ONE, ["c", "d"])
    assert (own.knows(ONE), own.knows(TWO)) == (False, True)
    own.keep_only("other", [])
    assert own.knows(TWO)
    own.keep_only("m", [ONE])
    assert not own.knows(TWO)
    own.learn(ONE, ["c", "d"])
    assert own.knows(ONE)
