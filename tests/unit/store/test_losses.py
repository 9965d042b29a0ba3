"""Losses and intake only grow."""

from __future__ import annotations

from watchkeeper.store.losses import Intake
from watchkeeper.store.store import Store


def test_losses_add_up_by_model_and_reason(store: Store) -> None:
    store.losses.add({("m", "full"): 2, ("m", "none"): 0})
    store.losses.add({("m", "full"): 3, ("n", "full"): 1})
    assert store.losses.totals() == {("m", "full"): 5, ("n", "full"): 1}


def test_intake_adds_up_by_model_and_kind(store: Store) -> None:
    store.losses.take_in({("m", "inference"): (10, 9)})
    store.losses.take_in({("m", "inference"): (5, 5), ("m", "feedback"): (1, 0)})
    assert store.losses.intake() == [
        Intake(model="m", kind="feedback", received=1, stored=0),
        Intake(model="m", kind="inference", received=15, stored=14),
    ]
    store.losses.take_in({})
