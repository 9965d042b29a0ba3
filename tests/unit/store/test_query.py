"""Records by filter, page by page, and one record's whole story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.helpers.watching import DAY, START, FakeClock, batch, entry, labels, register, watched_store
from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.store.compaction import compact_one
from watchkeeper.store.query import Page, Record, RecordFilter
from watchkeeper.store.store import Store
from watchkeeper.watch.worker import Worker

MICRO = 1_000_000


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """40 files of 25 rows over 4 days, one of version 2 with failures, and labels for some."""
    store = watched_store(tmp_path_factory.mktemp("data"))
    register(store, version="2")
    journal = MemoryJournal()
    worker = Worker(store, journal, clock=FakeClock())
    for seed in range(40):
        version = "2" if seed == 39 else "1"
        times = (
            START + np.sort(np.random.default_rng(seed).uniform(0, 4 * DAY, 25))
            if seed % 2
            else START + seed * 60 + np.arange(25.0)
        )
        journal.append([entry(batch(times, seed=seed, version=version, failed=[3] if seed == 39 else ()))])
        worker.step()
    journal.append([entry(labels(["p-000007-000001", "p-000007-000002"], at=START + DAY))])
    worker.step()
    worker.close()
    yield store
    store.close()


def everything(store: Store, **wanted: Any) -> list[Record]:
    found: list[Record] = []
    cursor: str | None = None
    while True:
        page = store.queries.page("flights", RecordFilter(**wanted), limit=90, cursor=cursor)
        found += page.records
        cursor = page.cursor
        if cursor is None:
            return found


@pytest.fixture(scope="module")
def all_records(filled: Store) -> list[Record]:
    return everything(filled)


def test_pages_hold_every_row_once_newest_first(all_records: list[Record]) -> None:
    assert len(all_records) == 1000
    keys = [(record.event_time, record.prediction_id) for record in all_records]
    assert keys == sorted(set(keys), reverse=True)


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        ({"version": "2"}, lambda r: r.version == "2"),
        ({"failed": True}, lambda r: r.status >= 400),
        ({"failed": False, "version": "2"}, lambda r: r.status < 400 and r.version == "2"),
        ({"status": 500}, lambda r: r.status == 500),
        ({"route": "live"}, lambda r: True),
        ({"route": "canary"}, lambda r: False),
        ({"start": (START + DAY) * MICRO}, lambda r: r.event_time >= (START + DAY) * MICRO),
        ({"end": (START + 60) * MICRO}, lambda r: r.event_time < (START + 60) * MICRO),
        ({"prediction_id": "p-000005-000004"}, lambda r: r.prediction_id == "p-000005-000004"),
        ({"output": "probability", "minimum": 0.9}, lambda r: (r.outputs["probability"] or 0) >= 0.9),
        (
            {"output": "probability", "minimum": 0.2, "maximum": 0.21},
            lambda r: 0.2 <= (r.outputs["probability"] or 0) <= 0.21,
        ),
        ({"output": "nothing", "minimum": 0.0}, lambda r: False),
        ({"flags": 1}, lambda r: r.flags & 1),
    ],
)
def test_a_filter_gives_exactly_what_matches(
    filled: Store, all_records: list[Record], wanted: dict[str, Any], matches: Callable[[Record], bool]
) -> None:
    assert everything(filled, **wanted) == [record for record in all_records if matches(record)]


def test_the_first_page_of_a_long_history_reads_few_files(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    duck = filled.queries._duck
    original = duck.rows

    def counted(query: str, parameters: Any) -> Any:
        read.append(len(parameters.get("files", ())))
        return original(query, parameters)

    monkeypatch.setattr(duck, "rows", counted)
    assert len(filled.records.files("flights")) > 60
    filled.queries.page("flights", RecordFilter(), limit=5)
    assert read[0] == 16
    assert sum(read) <= 40


def test_one_record_tells_its_whole_story(filled: Store) -> None:
    record = filled.queries.get("flights", "p-000007-000001")
    assert (record.model, record.version, record.route, record.status) == ("flights", "1", "live", 200)
    assert record.inputs.keys() == {"distance", "hour", "carrier", "weekend"}
    assert isinstance(record.inputs["weekend"], bool)
    assert record.outputs.keys() == {"probability"}
    (label,) = record.feedback
    assert (label.kind, label.number, label.event_time) == ("label", 1.0, (START + DAY) * MICRO)
    assert filled.queries.get("flights", "p-000007-000003").feedback == ()


def test_an_unknown_record_is_not_found(filled: Store) -> None:
    for name in ("nope", "", "p-000007-000001' OR '1'='1", "%"):
        with pytest.raises(NotFound, match="no record"):
            filled.queries.get("flights", name)


@pytest.mark.parametrize("cursor", ["", "~", "x~p", "5", "1e5~p"])
def test_a_cursor_that_is_none_is_refused(filled: Store, cursor: str) -> None:
    with pytest.raises(BadInput, match="not a cursor"):
        filled.queries.page("flights", RecordFilter(), cursor=cursor)


def test_a_model_without_records_has_an_empty_page(filled: Store) -> None:
    assert filled.queries.page("other", RecordFilter()) == Page(records=())
    assert filled.queries.feedback("flights", []) == []


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"x" * 5000])
def test_a_damaged_file_is_named_and_the_others_are_read(tmp_path: Path, damage: bytes) -> None:
    store = watched_store(tmp_path)
    journal = MemoryJournal()
    worker = Worker(store, journal)
    for seed in range(3):
        journal.append([entry(batch([START + seed], seed=seed))])
        worker.step()
    bad = store.records.files("flights")[1]
    store.records.path(bad).write_bytes(damage)
    page = store.queries.page("flights", RecordFilter())
    assert [record.prediction_id for record in page.records] == ["p-000002-000000", "p-000000-000000"]
    assert page.unreadable == (bad.path,)
    assert len(store.queries.page("flights", RecordFilter(output="probability", minimum=0.0)).records) == 2
    store.records.path(bad).unlink()
    page = store.queries.page("flights", RecordFilter())
    assert (len(page.records), page.unreadable) == (2, (bad.path,))
    worker.close()
    store.close()


def test_files_that_are_merged_while_they_are_asked_lose_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = watched_store(tmp_path)
    journal = MemoryJournal()
    worker = Worker(store, journal)
    for seed in range(9):
        journal.append([entry(batch([START + seed], seed=seed)), entry(labels([f"p-{seed:06d}-000000"]))])
        worker.step()
    find = store.records.files
    merges: list[int] = []

    def files(*arguments: Any, **named: Any) -> Any:
        found = find(*arguments, **named)
        if len(merges) < 2:
            merges.append(compact_one(store.records))
        return found

    monkeypatch.setattr(store.records, "files", files)
    page = store.queries.page("flights", RecordFilter())
    assert merges == [9, 9]
    assert (len(page.records), page.unreadable) == (9, ())
    assert all(len(record.feedback) == 1 for record in page.records)
    worker.close()
    store.close()


def test_a_request_s_id_finds_all_its_rows_and_no_other(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    journal = MemoryJournal()
    worker = Worker(store, journal, clock=FakeClock())
    made = batch(START + np.arange(5.0))
    ids = pa.array(["r", "ra", "s:0", "s:1", "s:10"])
    journal.append([entry(made.set_column(made.schema.get_field_index("prediction_id"), "prediction_id", ids))])
    worker.step()
    worker.close()
    wanted = {name: everything(store, prediction_id=name) for name in ("r", "s", "s:1", "a")}
    assert {name: [r.prediction_id for r in found] for name, found in wanted.items()} == {
        "r": ["r"], "s": ["s:10", "s:1", "s:0"], "s:1": ["s:1"], "a": [],
    }  # fmt: skip
    with pytest.raises(NotFound, match="several rows"):
        store.queries.get("flights", "s")
    store.close()
