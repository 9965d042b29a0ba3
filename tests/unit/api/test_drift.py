from __future__ import annotations

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.drift import drift
from watchkeeper.events.verdict import Verdict


def test_what_needs_a_person_comes_first(context: Context) -> None:
    view = drift(context, "delays")
    assert [feature.feature for feature in view.features[:2]] == ["carrier", "wind"]
    first = view.features[0]
    assert first.verdict is Verdict.ALARM
    assert first.headline is first.findings[0]
    assert first.next_step
    assert len(first.trend) == 30
    assert first.distance == first.trend[-1]
    assert len(view.features) == 15
    assert "all columns together" in {feature.feature for feature in view.features}


def test_an_earlier_window(context: Context) -> None:
    view = drift(context, "delays", window=START + 12 * DAY)
    assert view.window is not None
    assert view.window.start == START + 12 * DAY
    assert view.features[0].feature == "distance"
    assert len(view.features[0].trend) == 13
