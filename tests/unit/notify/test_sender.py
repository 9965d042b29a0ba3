"""A sender is a function of one parcel."""

from __future__ import annotations

import pytest

from watchkeeper.notify.sender import DeliveryError, Parcel, Sender


def test_any_function_of_a_parcel_is_a_sender() -> None:
    taken: list[Parcel] = []
    sender: Sender = taken.append
    parcel = Parcel(id="1", target="t", body="{}")
    sender(parcel)
    assert taken == [parcel]


def test_an_error_says_why() -> None:
    with pytest.raises(DeliveryError, match="no room"):
        raise DeliveryError("no room")
