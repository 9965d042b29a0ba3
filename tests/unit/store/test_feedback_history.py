"""All that was said of a prediction, in the order of the journal."""

from __future__ import annotations

import pyarrow as pa

from tests.helpers.feedback import item
from tests.helpers.watching import START
from watchkeeper.events.feedback import ORDER, Feedback, complete, feedback_batch
from watchkeeper.store.compaction import merge
from watchkeeper.store.records import FEEDBACK
from watchkeeper.store.store import Store


def keep(store: Store, orders: list[int] | None, *items: Feedback) -> None:
    """A file of `items`, with the places that they had in the journal; None where an earlier version wrote it."""
    batch = feedback_batch("m", items)
    if orders is not None:
        batch = batch.append_column(ORDER, pa.array(orders, pa.int64()))
    table = pa.Table.from_batches([complete(batch)]).sort_by("event_time").replace_schema_metadata(None)
    table = table if orders is not None else table.drop_columns([ORDER.name])
    store.records.add(store.records.write(FEEDBACK, "m", table))


def test_it_is_told_in_the_order_of_the_journal_whatever_file_it_is_in(store: Store) -> None:
    first, second, third = (item("a", value, at=START + 60.0 * value) for value in (3.0, 2.0, 1.0))
    own = item("", 1.0, request_id="r", row=2)
    keep(store, [7, 5], third, first)
    keep(store, [6, 9, 8], second, own, item("b", 1.0))
    assert store.feedback_history.of("m", ["a"], []) == [first, second, third]
    assert store.feedback_history.of("m", ["a"], ["r"]) == [first, second, third, own]
    assert store.feedback_history.of("m", [], []) == store.feedback_history.of("other", ["a"], []) == []
    merge(store.records, FEEDBACK, "m", store.records.files("m", FEEDBACK))
    assert store.feedback_history.of("m", ["a"], ["r"]) == [first, second, third, own]


def test_what_an_earlier_version_kept_comes_first_by_its_time(store: Store) -> None:
    early, late = item("a", 1.0, at=START + 60.0), item("a", 0.0, at=START + 90.0)
    now = item("a", 2.0, at=START + 10.0)
    keep(store, [1], now)
    keep(store, None, late, early)
    assert store.feedback_history.of("m", ["a"], []) == [early, late, now]


def test_a_file_that_cannot_be_read_is_left_out(store: Store) -> None:
    keep(store, [1], item("a", 1.0))
    keep(store, [2], item("a", 0.0))
    broken = store.records.files("m", FEEDBACK)[0]
    store.records.path(broken).write_bytes(b"junk")
    assert len(store.feedback_history.of("m", ["a"], [])) == 1
