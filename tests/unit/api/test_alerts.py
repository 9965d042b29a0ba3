from __future__ import annotations

import msgspec
import pytest

from tests.helpers.seed import DAY, NOW, START
from watchkeeper.alerts.table import State
from watchkeeper.api.alerts import acknowledge_alert, alert, alert_view, alerts
from watchkeeper.api.context import Context
from watchkeeper.events.errors import BadInput, NotFound
from watchkeeper.store.store import Store


def test_what_fires_or_fired_newest_first(context: Context) -> None:
    found = alerts(context)
    assert [view.features for view in found] == [("carrier",), ("wind",), ("distance",)]
    assert [view.state for view in found] == [State.FIRING, State.FIRING, State.RESOLVED]
    assert [view.state for view in alerts(context, "delays", State.RESOLVED)] == [State.RESOLVED]
    with pytest.raises(NotFound):
        alerts(context, "nope")


def test_an_alert_has_all_that_a_person_needs(context: Context) -> None:
    view = next(view for view in alerts(context) if view.features == ("carrier",))
    story = alert(context, view.id)
    assert view.onset == START + 22 * DAY
    assert view.detected == START + 23 * DAY
    assert view.size is not None
    assert view.size.effect == pytest.approx(0.12, abs=0.06)
    assert view.next_step
    assert story.evidence[0].feature == "carrier"
    assert story.history[0].to_state is State.FIRING
    assert [line.title for line in story.beside] == ["delays v7: missing values in wind"]
    assert story.before == ()


def test_a_target_s_secret_is_not_shown(context: Context) -> None:
    (message,) = alert(context, alerts(context)[0].id).notifications
    assert message.target == "https://example.org/hook"


def test_acknowledging(context: Context) -> None:
    view = next(view for view in alerts(context) if view.features == ("wind",))
    seen = acknowledge_alert(context, view.id, "  looking ")
    assert seen.acknowledged is not None
    assert (seen.acknowledged.at, seen.acknowledged.note) == (NOW, "looking")
    assert alert(context, view.id).alert.acknowledged == seen.acknowledged
    assert alert(context, view.id).history[-1].reason == "acknowledged: looking"


def test_only_an_open_alert_can_be_acknowledged(context: Context) -> None:
    over = alerts(context, state=State.RESOLVED)[0]
    with pytest.raises(BadInput, match="resolved"):
        acknowledge_alert(context, over.id)
    with pytest.raises(NotFound):
        acknowledge_alert(context, "nope")


def test_a_resolved_alert_shows_the_last_window_in_which_its_cause_alarmed(context: Context) -> None:
    view = next(view for view in alerts(context) if view.features == ("distance",))
    story = alert(context, view.id)
    assert story.window is not None
    assert story.window.start == START + 17 * DAY, "the last day in kilometres, not the quiet days that cleared it"
    assert story.evidence[0].n == view.size.n if view.size else 0


def test_outputs_that_a_broken_input_explains_are_named(context: Context, store: Store) -> None:
    found = store.alerts.get(alerts(context)[0].id)
    told = alert_view(msgspec.structs.replace(found, consequences=("prediction late",)), None)
    assert told.consequences == ("prediction late",)
