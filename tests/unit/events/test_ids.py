"""Prediction IDs are UUIDv7 and increase."""

import random
import uuid

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.events.ids import PredictionIdMinter, minted_at, row_ids


def minter(seed: int = 0) -> PredictionIdMinter:
    return PredictionIdMinter(random.Random(seed).randbytes)


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=50))
def test_ids_are_uuid7_and_strictly_increase_whatever_the_clock_does(clock: list[int]) -> None:
    mint = minter().mint
    ids = [mint(now) for now in clock]
    assert ids == sorted(set(ids))
    assert all(uuid.UUID(text).version == 7 and uuid.UUID(text).variant == uuid.RFC_4122 for text in ids)


def test_a_full_counter_borrows_from_the_next_millisecond() -> None:
    mint = minter().mint
    ids = [mint(1) for _ in range(10_000)]
    assert ids == sorted(set(ids))


def test_minted_at_reads_the_time_back() -> None:
    assert minted_at(minter().mint(1_763_721_600_123)) == 1_763_721_600.123
    assert minted_at("not an id") is None
    assert minted_at(str(uuid.UUID(int=1, version=4))) is None


def test_row_ids_number_the_rows_of_a_batch_only() -> None:
    assert row_ids("id", 1) == ["id"]
    assert row_ids("id", 3) == ["id:0", "id:1", "id:2"]
