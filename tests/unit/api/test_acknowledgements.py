from __future__ import annotations

from tests.helpers.seed import NOW
from watchkeeper.alerts.table import State
from watchkeeper.api.acknowledgements import acknowledge, acknowledged
from watchkeeper.api.context import Context


def test_written_down_and_found_again(context: Context) -> None:
    alert = context.store.alerts.find(states=[State.RESOLVED])[0]
    assert alert.id not in acknowledged(context.store, [alert.id])
    acknowledge(context.store, alert, NOW, "I am: on it")
    acknowledge(context.store, alert, NOW + 1, "")
    found = acknowledged(context.store, [alert.id])[alert.id]
    assert (found.at, found.note) == (NOW + 1, "")


def test_an_alert_that_changed_state_is_not_acknowledged(context: Context) -> None:
    ids = [alert.id for alert in context.store.alerts.find(states=[State.INACTIVE])]
    assert acknowledged(context.store, ids) == {}
    assert acknowledged(context.store, []) == {}
