from __future__ import annotations

from tests.helpers.figures import valid
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.drift import DriftBar, drift_figure


def bar(feature: str, verdict: Verdict, effect: float | None = 0.3, name: str = "JS distance") -> DriftBar:
    return DriftBar(feature=feature, effect=effect, effect_name=name, low=0.2, high=0.5, verdict=verdict)


def test_one_trace_a_verdict_and_the_first_bar_on_top() -> None:
    made = valid(drift_figure([bar("a", Verdict.ALARM), bar("b", Verdict.OK), bar("c", Verdict.ALARM)]))
    traces = {trace["name"]: trace for trace in made["data"]}
    assert set(traces) == {"ok", "alarm"}
    assert traces["alarm"]["y"] == [0, 2]
    assert made["layout"]["yaxis"]["range"] == [2.5, -0.5]
    assert made["layout"]["xaxis"]["title"]["text"] == "JS distance"


def test_effects_of_different_measures_are_said_to_be() -> None:
    made = drift_figure([bar("a", Verdict.OK), bar("b", Verdict.OK, name="PSI")])
    assert "own measure" in made["layout"]["xaxis"]["title"]["text"]


def test_an_effect_that_is_not_known_draws_nothing() -> None:
    (trace,) = valid(drift_figure([bar("a", Verdict.NOT_COMPUTABLE, effect=None)]))["data"]
    assert trace["x"] == [None]


def test_no_bars_is_a_sentence() -> None:
    assert drift_figure([])["layout"]["annotations"]
