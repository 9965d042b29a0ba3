from __future__ import annotations

from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.backtest.records import AlertRecord, WindowRecord
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict


def alert(cause: Cause = Cause.MISSING, severity: Severity = Severity.PAGE, harmed: int | None = 0) -> AlertRecord:
    return AlertRecord(
        id="a", cause=cause, severity=severity, features=("x",), title="missing values in x", summary="", next_step="",
        onset="1970-01-01T00:00:00Z", windows=2, harmed=harmed,
    )  # fmt: skip


def test_a_page_is_in_vain_when_performance_was_as_ever() -> None:
    assert alert().in_vain
    assert not alert(harmed=1).in_vain
    assert not alert(harmed=None).in_vain
    assert not alert(cause=Cause.HARM).in_vain
    assert not alert(severity=Severity.NOTICE).in_vain


def test_alarms_on_data_are_those_findings_that_alarm() -> None:
    loud, soft = (Finding(feature="x", detector="d", verdict=v) for v in (Verdict.ALARM, Verdict.WARN))
    window = WindowRecord(start="", end="", n=1, verdict=Verdict.ALARM, findings=(loud, soft))
    assert window.data_alarms == (loud,)
