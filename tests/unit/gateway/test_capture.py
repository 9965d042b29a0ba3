from __future__ import annotations

from tests.helpers.serving import served
from watchkeeper.gateway.capture import CaptureBuffer, Captured
from watchkeeper.gateway.catalogue import ServedVersion

M, OTHER = served("m"), served("other")


def captured(version: ServedVersion = M, n: int = 1, size: int = 10) -> Captured:
    return Captured(version, n, None, None, "id", None, 0, 0, 200, None, 5, size)


def test_items_come_out_in_order_and_keep_their_room_until_released() -> None:
    buffer = CaptureBuffer(max_rows=3, max_bytes=1000)
    items = [captured(), captured(), captured()]
    assert all(buffer.put(item) for item in items)
    taken = buffer.take(2)
    assert taken == items[:2]
    assert buffer.waiting() == items[2:]
    assert (buffer.rows, buffer.size_bytes) == (3, 30)
    assert not buffer.put(captured()), "what was taken is not in the journal yet"
    buffer.release(taken)
    assert buffer.put(captured())
    assert buffer.rows == 2


def test_a_full_buffer_drops_the_newest_and_counts_its_rows_by_model() -> None:
    buffer = CaptureBuffer(max_rows=5, max_bytes=1000)
    assert buffer.put(captured(n=5))
    assert not buffer.put(captured(n=3))
    assert not buffer.put(captured(OTHER, n=2))
    assert dict(buffer.dropped) == {"m": 3, "other": 2}
    assert buffer.take(100)[0].n == 5


def test_bytes_are_bounded_too() -> None:
    buffer = CaptureBuffer(max_rows=100, max_bytes=25)
    assert [buffer.put(captured()) for _ in range(3)] == [True, True, False]


def test_taking_from_an_empty_buffer_gives_nothing() -> None:
    assert CaptureBuffer(1, 1).take(10) == []
