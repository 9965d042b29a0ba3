"""Pauses grow, people are told after some failures, and one answer ends it."""

from __future__ import annotations

import random

from watchkeeper.notify.circuit import PAUSES, TRIPS, Circuit

NOW = 1000.0


def test_pauses_grow_up_to_a_cap_and_the_circuit_opens() -> None:
    circuit, waits = Circuit(), []
    for number in range(1, 20):
        circuit = circuit.failed(f"fault {number}", NOW, random.Random(number))
        waits.append(circuit.resume_at - NOW)
        assert circuit.open == (number >= TRIPS)
    assert circuit.error == "fault 19"
    assert PAUSES.first / 2 <= waits[0] <= PAUSES.first
    assert all(PAUSES.cap / 2 <= wait <= PAUSES.cap for wait in waits[-5:])
    assert len(set(waits)) == len(waits)
    assert not Circuit().open
