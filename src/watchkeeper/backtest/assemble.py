"""From the steps of a replay to the records that are told: when each alert was told, and what labels said of it.

An alert speaks in the words in which it was told. What came later is in three places only: when it ended, how many
windows it lasted, and how many of them were harmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from watchkeeper.alerts.advance import NoticeKind
from watchkeeper.alerts.alert import Alert
from watchkeeper.backtest.foretelling import ByMethod
from watchkeeper.backtest.records import AlertRecord, HarmSeen, WindowRecord
from watchkeeper.backtest.replay import VERSION, Replay, Step
from watchkeeper.backtest.truth import Truth
from watchkeeper.report.words import iso
from watchkeeper.tallies.tally import IntArray


@dataclass(frozen=True)
class Calendar:
    """When windows are: `starts` (W,) in Unix seconds, `rows` (W,) in each, and their `length` in seconds."""

    starts: IntArray
    rows: IntArray
    length: int

    def start(self, place: int) -> str:
        """The start of a window."""
        return _text(int(self.starts[place]))

    def end(self, place: int) -> str:
        """The end of a window."""
        return _text(int(self.starts[place]) + self.length)

    def place(self, start: int) -> int:
        """Which window starts then."""
        return int((start - self.starts[0]) // self.length)


def window_records(
    calendar: Calendar, replay: Replay, truth: Truth | None, estimated: Sequence[ByMethod] = ()
) -> tuple[WindowRecord, ...]:
    """One record a window; `estimated` are the metrics of each without labels, by method and name."""
    harm = {
        place: HarmSeen(told_at=calendar.end(at), finding=finding)
        for at, step in enumerate(replay.steps)
        for place, finding in step.late
    }
    records = (_window(calendar, place, step) for place, step in enumerate(replay.steps))
    return tuple(
        record if truth is None else _with_truth(record, truth, place, harm.get(place), estimated[place])
        for place, record in enumerate(records)
    )


def _window(calendar: Calendar, place: int, step: Step) -> WindowRecord:
    return WindowRecord(
        start=calendar.start(place),
        end=calendar.end(place),
        n=int(calendar.rows[place]),
        verdict=step.verdict,
        notes=step.notes,
        findings=step.loud,
        silent=step.silent,
        opened=_told(step, NoticeKind.FIRING),
        closed=_told(step, NoticeKind.RESOLVED),
        firing=step.firing,
    )


def _with_truth(
    record: WindowRecord, truth: Truth, place: int, harm: HarmSeen | None, estimated: ByMethod
) -> WindowRecord:
    return msgspec.structs.replace(
        record,
        labelled=int(truth.labelled[place]),
        loss=float(truth.loss[place]) if truth.labelled[place] else None,
        harmed=truth.harmed[place],
        realised=truth.realised[place],
        estimated={method: dict(found) for method, found in estimated.items()},
        harm=harm,
    )


def alert_records(calendar: Calendar, replay: Replay, windows: Sequence[WindowRecord]) -> tuple[AlertRecord, ...]:
    """One record for each alert that was told, in the order of the telling."""
    told, resolved = (
        {
            notice.alert.id: (calendar.end(place), notice.alert)
            for place, step in enumerate(replay.steps)
            for notice in step.notices
            if notice.kind is kind
        }
        for kind in (NoticeKind.FIRING, NoticeKind.RESOLVED)
    )
    return tuple(
        msgspec.structs.replace(
            _alert(alert, _during(calendar, replay.alerts[id_], windows)),
            told_at=at,
            resolved_at=resolved[id_][0] if id_ in resolved else None,
        )
        for id_, (at, alert) in told.items()
    )


def _during(calendar: Calendar, alert: Alert, windows: Sequence[WindowRecord]) -> list[WindowRecord]:
    """The windows with rows from the one an alert began in to the one that cleared it."""
    last = len(windows) if alert.ended_window is None else calendar.place(alert.ended_window)
    return [window for window in windows[calendar.place(alert.onset) : last + 1] if window.n]


def _alert(alert: Alert, during: Sequence[WindowRecord]) -> AlertRecord:
    known = [window.harmed for window in during if window.harmed is not None]
    return AlertRecord(
        id=alert.id,
        cause=alert.cause,
        severity=alert.severity,
        features=alert.features,
        title=alert.title.removeprefix(f"{alert.model} {VERSION}: "),
        summary=alert.summary,
        next_step=alert.next_step,
        onset=_text(alert.onset),
        windows=len(during),
        harmed=sum(known) if known else None,
    )


def _told(step: Step, kind: NoticeKind) -> tuple[str, ...]:
    return tuple(notice.alert.id for notice in step.notices if notice.kind is kind)


def _text(seconds: int) -> str:
    return iso(float(seconds)) or ""
