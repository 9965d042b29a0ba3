"""Entries sorted out by what they hold. Bad ones by reason: tests of the worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from tests.helpers.watching import START, batch, entry, labels, watched_store
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.journal.protocol import Entry, StoredEntry
from watchkeeper.store.buckets import Source
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.sorting import ROWS_AN_ENTRY, Sorted, sort_entries


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    store = watched_store(tmp_path, "flights", "other")
    made = Registry(store)
    made.refresh()
    yield made
    store.close()


def stored(entries: Sequence[Entry]) -> list[StoredEntry]:
    journal = MemoryJournal()
    journal.append(entries)
    return journal.read(0, 1 << 30)


def test_rows_go_by_source_and_feedback_by_model(registry: Registry) -> None:
    entries = [
        entry(batch([START], seed=1)),
        entry(batch([START], model="other")),
        entry(batch([START, START], seed=2)),
        entry(labels(["a", "b"])),
        Entry(kind="loss", model="flights", rows=4, payload=b'{"reason": "buffer_full", "since": 5}'),
    ]
    out = sort_entries(stored(entries), registry)
    assert {source: [b.num_rows for b in batches] for source, batches in out.inferences.items()} == {
        Source("flights", "1", "live"): [1, 2],
        Source("other", "1", "live"): [1],
    }
    assert [b.num_rows for b in out.feedback["flights"]] == [2]
    assert out.received == {("flights", "inference"): 3, ("other", "inference"): 1, ("flights", "feedback"): 2}
    assert out.losses == {("flights", "buffer_full"): 4}
    assert out.letters == []


def test_positions_of_a_journal_on_disk_can_be_ordered(registry: Registry) -> None:
    position = int(4e9 * 1e6)  # a file made in the year 2096 begins there
    entries = [msgspec.structs.replace(one, position=position) for one in stored([entry(labels(["a", "b"]))])]
    found = sort_entries(entries, registry)
    assert found.letters == []
    orders = found.feedback["flights"][0].column("order").to_pylist()
    assert orders == [position * ROWS_AN_ENTRY, position * ROWS_AN_ENTRY + 1]


def test_any_bytes_at_all_become_a_letter(registry: Registry) -> None:
    good = entry(batch([START] * 20)).payload
    for place in range(0, len(good), 97):
        for payload in (good[:place], good[:place] + b"\xff\xff\xff\xff" + good[place + 4 :]):
            out = sort_entries(stored([Entry(kind="inference", model="flights", rows=20, payload=payload)]), registry)
            assert len(out.letters) + len(out.inferences) == 1
            assert sum(out.received.values()) == 20


def test_a_letter_of_an_unknown_model_counts_under_nobody(registry: Registry) -> None:
    out: Sorted = sort_entries(stored([Entry(kind="rumour", model="x" * 500, rows=2, payload=b"")]), registry)
    assert out.losses == {("?", "dead_lettered"): 2}
    assert out.received == {("?", "?"): 2}
