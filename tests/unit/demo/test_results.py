from datetime import date

import msgspec
import pytest

from watchkeeper.alerts.alert import Alert, Size
from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.alerts.table import State
from watchkeeper.demo.breaks import BREAKS, CONTROL
from watchkeeper.demo.flights import midnight
from watchkeeper.demo.results import Counts, DemoResult, JudgedWindow, settle

DAY = 86_400
COUNTS = Counts(
    requests=3, predictions=2, predictions_recorded=2, labels=1, labels_recorded=1, cancelled=1, diverted=0, lost=0
)


def alert(feature: str, onset: date, *, fired: bool = True, cause: Cause = Cause.UNIT) -> Alert:
    start = int(midnight(onset))
    return Alert(
        id=f"{feature}-{onset}",
        fingerprint=feature,
        model="flights",
        version="1",
        cause=cause,
        subject=f"input.{feature}",
        features=(feature,),
        severity=Severity.PAGE,
        state=State.FIRING,
        onset=start,
        detected=start + DAY if fired else None,
        updated=start + DAY,
        size=Size(detector="unit_change", effect=1.61, effect_name="factor", n=900, n_reference=80_000),
        summary=f"{feature} changed",
    )


def all_found() -> list[Alert]:
    return [alert(fault.feature, fault.first) for fault in BREAKS]


def calm(days: int = 21) -> list[JudgedWindow]:
    first = int(midnight(CONTROL[0]))
    return [JudgedWindow(start=first + day * DAY, alarm=False) for day in range(days)]


def settled(alerts: list[Alert], windows: list[JudgedWindow] | None = None, counts: Counts = COUNTS) -> DemoResult:
    given = calm() if windows is None else windows
    return settle(alerts, given, counts, model_auc=0.67, seconds=9.0, console="http://127.0.0.1:1")


def test_all_found_in_quiet_weeks_passes() -> None:
    result = settled(all_found())
    assert result.passed
    assert [planted.delay_days for planted in result.planted] == [1.0, 1.0, 1.0]
    assert result.planted[0].found is not None
    assert result.planted[0].found.effect == 1.61


@pytest.mark.parametrize("missed", range(len(BREAKS)))
def test_one_missed_break_fails(missed: int) -> None:
    result = settled([found for place, found in enumerate(all_found()) if place != missed])
    assert not result.passed
    assert result.planted[missed].found is None


def test_an_alert_that_names_another_feature_does_not_find_the_break() -> None:
    wrong = [alert("wind", BREAKS[0].first), *all_found()[1:]]
    result = settled(wrong)
    assert not result.passed
    assert [seen.features for seen in result.beside] == [("wind",)]


def test_an_alert_from_before_the_break_or_pending_does_not_find_it() -> None:
    early = alert(BREAKS[0].feature, date(2013, 5, 1))
    pending = alert(BREAKS[0].feature, BREAKS[0].first, fired=False)
    result = settled([early, pending, *all_found()[1:]])
    assert result.planted[0].found is None
    assert [seen.onset for seen in result.real] == [date(2013, 5, 1)]


def test_an_alert_in_the_control_weeks_fails() -> None:
    result = settled([*all_found(), alert("wind", date(2013, 4, 12))])
    assert not result.passed
    assert len(result.control.alarms) == 1
    assert not result.real


def test_control_weeks_that_were_not_judged_prove_nothing() -> None:
    assert not settled(all_found(), []).passed


def test_real_movement_is_reported_and_does_not_fail() -> None:
    result = settled([*all_found(), alert("visibility", date(2013, 12, 31), cause=Cause.MISSING)])
    assert result.passed
    assert [seen.cause for seen in result.real] == ["missing values"]


@pytest.mark.parametrize("change", [{"lost": 1}, {"labels_recorded": 0}, {"predictions_recorded": 3}])
def test_anything_lost_or_doubled_fails(change: dict[str, int]) -> None:
    assert not settled(all_found(), counts=msgspec.structs.replace(COUNTS, **change)).passed


def test_json_names_its_schema() -> None:
    assert msgspec.json.decode(msgspec.json.encode(settled(all_found())))["schema"] == "watchkeeper.demo/1"


def test_harm_that_a_break_did_is_told_with_it() -> None:
    harm = alert("error", date(2013, 5, 8), cause=Cause.HARM)
    result = settled([*all_found(), harm])
    assert result.passed
    assert [planted.harm is not None for planted in result.planted] == [True, False, False]
    assert (result.beside, result.real) == ((), ())


def test_harm_in_the_control_weeks_is_a_false_alarm() -> None:
    result = settled([*all_found(), alert("error", date(2013, 4, 12), cause=Cause.HARM)])
    assert not result.passed
    assert len(result.control.alarms) == 1
