"""The table is whole, and keeps its promises."""

from __future__ import annotations

import pytest

from watchkeeper.alerts.table import TABLE, Event, State


def test_every_state_answers_every_event() -> None:
    assert set(TABLE) == set(State)
    assert all(set(row) == set(Event) for row in TABLE.values())


@pytest.mark.parametrize("state", State)
def test_silence_confirms_nothing_and_clears_nothing(state: State) -> None:
    after = TABLE[state][Event.SILENT]
    assert after is (State.NO_DATA if state is State.FIRING else state)


@pytest.mark.parametrize("state", State)
def test_only_a_confirmed_alarm_fires_what_did_not_fire(state: State) -> None:
    fires = {event for event, after in TABLE[state].items() if after is State.FIRING}
    if state not in (State.FIRING, State.NO_DATA):
        assert fires == {Event.CONFIRMED}


def test_only_cleared_resolves() -> None:
    resolving = {
        event for state in (State.FIRING, State.NO_DATA) for event in Event if TABLE[state][event] is State.RESOLVED
    }
    assert resolving == {Event.CLEARED}


def test_open_states() -> None:
    assert [state for state in State if state.is_open] == [State.PENDING, State.FIRING, State.NO_DATA]
