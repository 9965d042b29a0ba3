"""What the demo found, held against what it planted. Pure: alerts and verdicts in, one record out.

Rules:
1. A planted break is *found* if an alert fired that names its feature, began no earlier than the break and was detected
   before the break ended. Of several, the one detected first counts.
2. An alert that began during a break but names another column is *beside* that break: broken inputs move predictions.
   It is neither counted for the break nor against it.
3. In the control weeks no alert may fire. A single odd window (a storm) fires none by design; such windows are counted
   and told all the same.
4. Harm that labels show from within a break's time is told with the break. It is not asked for: not every break harms.
5. Everything else is movement of the real year: reported as found, not planted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Cause
from watchkeeper.demo.breaks import BREAKS, CONTROL, Break, break_at
from watchkeeper.demo.estimated import EstimatedYear
from watchkeeper.demo.flights import day_of, midnight
from watchkeeper.demo.realised import RealisedYear

SCHEMA = "watchkeeper.demo/1"
_DAY = 86_400


class AlarmSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One alert, as the demo tells it. Days are UTC; `detected` is the midnight that ends the window that made it fire.

    `effect` is the largest it had, in the unit `effect_name`, with its 95 % interval.
    """

    alert: str
    cause: str
    features: tuple[str, ...]
    onset: date
    detected: date
    ended: date | None
    effect: float | None
    effect_name: str
    effect_low: float | None
    effect_high: float | None
    summary: str


class PlantedBreak(msgspec.Struct, frozen=True, kw_only=True):
    """A planted break and the alert that found it, if one did. `delay_days` from its start to its detection.

    `harm` is the alert that labels raised in its time: the break did not only show, it made predictions worse.
    """

    name: str
    feature: str
    description: str
    first: date
    end: date
    found: AlarmSeen | None
    delay_days: float | None
    harm: AlarmSeen | None = None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Rows sent, and rows that the store has. `lost` is every loss the server counted, whatever the reason."""

    requests: int
    predictions: int
    predictions_recorded: int
    labels: int
    labels_recorded: int
    cancelled: int
    diverted: int
    lost: int


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """The untouched weeks: windows judged, windows that were odd on their own, and the alerts that fired."""

    first: date
    end: date
    windows: int
    odd_windows: int
    alarms: tuple[AlarmSeen, ...]


class DemoResult(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; what `--json` prints."""

    schema: str = SCHEMA
    passed: bool
    planted: tuple[PlantedBreak, ...]
    control: Control
    beside: tuple[AlarmSeen, ...]
    real: tuple[AlarmSeen, ...]
    counts: Counts
    model_auc: float
    seconds: float
    console: str
    realised: RealisedYear | None = None
    estimated: EstimatedYear | None = None


class JudgedWindow(msgspec.Struct, frozen=True, kw_only=True):
    """A window of the model and whether its verdict was an alarm. Unix seconds."""

    start: int
    alarm: bool


def settle(
    alerts: Sequence[Alert],
    windows: Sequence[JudgedWindow],
    counts: Counts,
    *,
    model_auc: float,
    seconds: float,
    console: str,
    realised: RealisedYear | None = None,
    estimated: EstimatedYear | None = None,
    breaks: Sequence[Break] = BREAKS,
    control: tuple[date, date] = CONTROL,
) -> DemoResult:
    """Sort every alert that fired under one of the four rules, and say whether the demo passed."""
    fired = sorted((alert for alert in alerts if alert.detected is not None), key=lambda alert: alert.onset)
    planted = tuple(_planted(fault, fired) for fault in breaks)
    calm = _control(fired, windows, control)
    named = {alarm.alert for found in planted for alarm in (found.found, found.harm) if alarm}
    named |= {alarm.alert for alarm in calm.alarms}
    rest = [alert for alert in fired if alert.id not in named]
    beside = [alert for alert in rest if break_at(alert.onset, tuple(breaks))]
    complete = counts.predictions == counts.predictions_recorded and counts.labels == counts.labels_recorded
    return DemoResult(
        passed=all(found.found for found in planted)
        and calm.windows > 0
        and not calm.alarms
        and complete
        and not counts.lost,
        planted=planted,
        control=calm,
        beside=tuple(seen(alert) for alert in beside),
        real=tuple(seen(alert) for alert in rest if alert not in beside),
        counts=counts,
        model_auc=model_auc,
        seconds=seconds,
        console=console,
        realised=realised,
        estimated=estimated,
    )


def seen(alert: Alert) -> AlarmSeen:
    """The alert as the demo tells it."""
    size = alert.worst or alert.size
    return AlarmSeen(
        alert=alert.id,
        cause=alert.cause.value,
        features=alert.features,
        onset=day_of(alert.onset),
        detected=day_of(alert.detected or alert.updated),
        ended=None if alert.ended is None else day_of(alert.ended),
        effect=size.effect if size else None,
        effect_name=size.effect_name if size else "",
        effect_low=size.effect_low if size else None,
        effect_high=size.effect_high if size else None,
        summary=alert.summary,
    )


def _planted(fault: Break, fired: Sequence[Alert]) -> PlantedBreak:
    start, end = fault.span
    mine = [
        alert
        for alert in fired
        if fault.feature in alert.features
        and start <= alert.onset < end
        and alert.detected is not None
        and alert.detected <= end
    ]
    first = min(mine, key=lambda alert: alert.detected or 0, default=None)
    harm = next((alert for alert in fired if alert.cause is Cause.HARM and start <= alert.onset < end), None)
    return PlantedBreak(
        name=fault.name,
        feature=fault.feature,
        description=fault.description,
        first=fault.first,
        end=fault.end,
        found=seen(first) if first else None,
        delay_days=None if first is None or first.detected is None else (first.detected - start) / _DAY,
        harm=seen(harm) if harm else None,
    )


def _control(fired: Sequence[Alert], windows: Sequence[JudgedWindow], control: tuple[date, date]) -> Control:
    start, end = midnight(control[0]), midnight(control[1])
    inside = [window for window in windows if start <= window.start < end]
    return Control(
        first=control[0],
        end=control[1],
        windows=len(inside),
        odd_windows=sum(window.alarm for window in inside),
        alarms=tuple(seen(alert) for alert in fired if start <= alert.onset < end),
    )
