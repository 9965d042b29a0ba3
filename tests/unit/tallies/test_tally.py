"""Tallies add exactly and survive the disk."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.events.errors import BadInput
from watchkeeper.tallies.tally import Tally, add_up

counts = st.lists(st.integers(-(2**62), 2**62), min_size=4, max_size=4)
ends = st.lists(st.floats(allow_nan=False), min_size=2, max_size=2)
tallies = st.builds(
    lambda c, low, high: Tally(np.array(c, np.int64), np.array(low, float), np.array(high, float)), counts, ends, ends
)


@given(tallies, tallies, tallies)
def test_addition_is_associative_and_commutative(a: Tally, b: Tally, c: Tally) -> None:
    assert (a + b) + c == a + (b + c)
    assert a + b == b + a
    assert add_up([c, a, b], 4, 2) == a + b + c


@given(tallies)
def test_zero_is_neutral(a: Tally) -> None:
    assert a + Tally.zero(4, 2) == a


@given(tallies)
def test_bytes_round_trip(a: Tally) -> None:
    data = a.to_bytes()
    assert Tally.from_bytes(data) == a
    assert Tally.from_bytes(data).to_bytes() == data


def test_an_almost_empty_tally_is_small_on_disk() -> None:
    tally = Tally.zero(10_000, 1)
    tally.counts[[3, 9_999]] = 1
    assert len(tally.to_bytes()) < 100


def test_different_layouts_do_not_add() -> None:
    with pytest.raises(BadInput, match="same bins"):
        Tally.zero(3, 0) + Tally.zero(4, 0)


def test_damaged_bytes_are_refused() -> None:
    data = (Tally.zero(5, 1) + Tally.zero(5, 1)).to_bytes()
    for bad in (b"", b"WKT1", b"XXXX" + data[4:], data[:-3], data[:20] + b"\x00" * 10):
        with pytest.raises(BadInput):
            Tally.from_bytes(bad)


def test_a_tally_equals_only_tallies() -> None:
    assert Tally.zero(1, 0) != 0
