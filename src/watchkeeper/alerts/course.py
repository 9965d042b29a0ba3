"""The course of an alert is a fold over the signals of its windows, in the order of the windows.

So a revision is nothing special: the signal of that window is replaced and the fold done again, and windows that are
judged twice, or out of order, end in the same state as if each had been judged once and in order. Only the newest
`memory` windows are kept; older ones are folded into a base that no longer changes.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from watchkeeper.alerts.table import TABLE, Event, State


class Signal(StrEnum):
    """What one window says of one cause."""

    ALARM = "alarm"
    WARN = "warn"
    QUIET = "quiet"
    SILENT = "silent"


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """Where an alert stands after some windows.

    `alarms` and `quiets` count windows in a row. `onset` is the start of the window in which the present (or last)
    episode began, `confirmed` that of the window that made it fire, `ended` that of the window that cleared it.
    """

    state: State = State.INACTIVE
    alarms: int = 0
    quiets: int = 0
    onset: int | None = None
    confirmed: int | None = None
    ended: int | None = None


class Track(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of an alert: the course before `signals`, and `(window start, signal)` in order."""

    base: Course = Course()
    signals: tuple[tuple[int, Signal], ...] = ()

    def remember(self, window: int, signal: Signal, for_windows: int, keep_firing: int, memory: int) -> Track:
        """The track with this window's signal put in its place.

        Once windows were folded into the base, one that is older than what is remembered is ignored.
        """
        if self.signals and window < self.signals[0][0] and self.base != Course():
            return self
        signals = sorted({**dict(self.signals), window: signal}.items())
        base = self.base
        for old, seen in signals[:-memory]:
            base = advance_course(base, old, seen, for_windows, keep_firing)
        return Track(base=base, signals=tuple(signals[-memory:]))

    def course(self, for_windows: int, keep_firing: int) -> Course:
        """Where the alert stands after all its windows."""
        course = self.base
        for window, signal in self.signals:
            course = advance_course(course, window, signal, for_windows, keep_firing)
        return course


def advance_course(course: Course, window: int, signal: Signal, for_windows: int, keep_firing: int) -> Course:
    """The course after one more window, by the table."""
    alarms, quiets = _count(course, signal)
    state = TABLE[course.state][_event(signal, alarms, quiets, for_windows, keep_firing)]
    begins = state.is_open and not course.state.is_open
    onset = window if begins else course.onset
    fires = state is State.FIRING and course.state not in (State.FIRING, State.NO_DATA)
    confirmed = window if fires else None if begins else course.confirmed
    ended = window if state is State.RESOLVED and course.state is not State.RESOLVED else course.ended
    return Course(
        state=state,
        alarms=alarms,
        quiets=quiets,
        onset=onset,
        confirmed=confirmed,
        ended=None if begins else ended,
    )


def _count(course: Course, signal: Signal) -> tuple[int, int]:
    """Alarms and quiet windows in a row. A warning breaks a row of quiet windows; silence breaks neither."""
    if signal is Signal.ALARM:
        return course.alarms + 1, 0
    if signal is Signal.QUIET:
        return 0, course.quiets + 1
    return course.alarms, 0 if signal is Signal.WARN else course.quiets


def _event(signal: Signal, alarms: int, quiets: int, for_windows: int, keep_firing: int) -> Event:
    if signal is Signal.ALARM:
        return Event.CONFIRMED if alarms >= for_windows else Event.ALARM
    if signal is Signal.QUIET:
        return Event.CLEARED if quiets >= keep_firing else Event.QUIET
    return Event(signal.value)
