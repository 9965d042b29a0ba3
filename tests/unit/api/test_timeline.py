from __future__ import annotations

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.timeline import timeline
from watchkeeper.events.verdict import Verdict


def test_windows_features_and_alerts(context: Context) -> None:
    view = timeline(context, "delays")
    assert len(view.windows) == 30
    rows = {row.feature: row.verdicts for row in view.features}
    assert rows["distance"][5] is not Verdict.ALARM
    assert rows["distance"][12] is Verdict.ALARM
    assert rows["distance"][28] is not Verdict.ALARM
    assert {row.feature for row in view.features[:3]} == {"wind", "distance", "carrier"}
    onsets = {alert.title.rpartition(" ")[2]: (alert.onset - START) // DAY for alert in view.alerts}
    assert onsets == {"distance": 10, "wind": 16, "carrier": 22}


def test_a_part_of_it(context: Context) -> None:
    view = timeline(context, "delays", start=str(START + 20 * DAY), features=2)
    assert len(view.windows) == 10
    assert len(view.features) == 2
    assert [alert.onset for alert in view.alerts] == [START + 22 * DAY]


def test_before_the_first_window(context: Context) -> None:
    view = timeline(context, "delays", end="100")
    assert (view.windows, view.features, view.alerts) == ((), (), ())
