"""The prediction that a key means, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from tests.helpers.watching import SCHEMA, START, batch, entry, watched_store
from watchkeeper.events.errors import BadInput, Conflict, NotFound
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.schema.feature import Privacy
from watchkeeper.schema.schema import Schema
from watchkeeper.store.store import Store
from watchkeeper.watch.worker import Worker

MICRO = 1_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = watched_store(tmp_path)
    rows = batch([START + 60.0 * k for k in range(6)], failed=[5])
    for name, values in (
        ("input.distance", [100.0, 100.0, 250.5, None, 7.0, None]),
        ("input.carrier", ["AA", "UA", "AA", "DL", "AA", None]),
        ("input.weekend", [True, True, False, None, True, None]),
    ):
        place = rows.schema.get_field_index(name)
        field = rows.schema.field(place)
        column = pa.array(values)
        rows = rows.set_column(place, field, column.dictionary_encode() if name == "input.carrier" else column)
    journal = MemoryJournal()
    journal.append([entry(rows)])
    worker = Worker(made, journal)
    worker.step()
    worker.close()
    yield made
    made.close()


def find(store: Store, start: int = 0, end: int = 3600, **features: Any) -> str:
    at = START * MICRO
    return store.keys.find("flights", SCHEMA, features, at + start * MICRO, at + end * MICRO)


@pytest.mark.parametrize(
    ("features", "row"),
    [
        ({"distance": 100.0, "carrier": "UA"}, 1),
        ({"distance": 250.5}, 2),
        ({"carrier": "AA", "weekend": False}, 2),
        ({"distance": None}, 3),
        ({"distance": 7}, 4),
    ],
)
def test_the_one_that_matches(store: Store, features: dict[str, Any], row: int) -> None:
    assert find(store, **features) == f"p-000000-{row:06d}"


def test_the_time_is_part_of_the_key(store: Store) -> None:
    assert find(store, 0, 60, carrier="AA") == "p-000000-000000"
    assert find(store, 120, 121, carrier="AA") == "p-000000-000002"


def test_several_are_named_and_none_is_said(store: Store) -> None:
    with pytest.raises(Conflict, match="3 predictions have this key: p-000000-000000, "):
        find(store, carrier="AA")
    for start, carrier in ((0, "ZZ"), (10**6, "AA")):
        with pytest.raises(NotFound, match="No prediction in that time"):
            find(store, start, start + 3600, carrier=carrier)


def test_a_key_that_makes_no_sense_is_refused(store: Store) -> None:
    with pytest.raises(BadInput, match="no feature 'colour'"):
        find(store, colour="red")
    with pytest.raises(BadInput, match="at most 31 days"):
        find(store, 0, 40 * 86_400, carrier="AA")


def test_nothing_is_found_by_what_is_not_kept_as_it_came(store: Store) -> None:
    features = tuple(msgspec.structs.replace(feature, privacy=Privacy.HASH) for feature in SCHEMA.features)
    with pytest.raises(BadInput, match="not kept as it came"):
        store.keys.find("flights", Schema(features=features, outputs=SCHEMA.outputs), {"carrier": "AA"}, 0, 1)
