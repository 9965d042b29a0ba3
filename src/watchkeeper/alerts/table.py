"""The life of an alert, as a table.

An alert belongs to one cause (one fault of one feature, say). Every closed window sends it one signal; together with
how many of the same kind came before, the signal becomes one of six events:

    alarm      the window alarms, but the policy wants more windows to be sure
    confirmed  it alarms, and enough windows have
    warn       it is neither bad enough to alarm nor well enough to clear: it changes no count towards firing
    quiet      it is well, but the policy keeps a firing alert for some windows yet, so that it does not flap
    cleared    it is well, and enough windows have been
    silent     it could not be judged. Silence confirms nothing and clears nothing: missing evidence is never `ok`

A person is told when an alert enters `firing` from `inactive`, `pending` or `resolved`, and when it enters `resolved`;
each at most once in the life of an alert, however often late rows revise a window.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where an alert stands."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    NO_DATA = "no data"
    RESOLVED = "resolved"

    @property
    def is_open(self) -> bool:
        """Whether the cause is being followed: it may yet fire, or it fires, or it fired and the evidence stopped."""
        return self in (State.PENDING, State.FIRING, State.NO_DATA)


class Event(StrEnum):
    """What a window means for an alert, given the windows before it."""

    ALARM = "alarm"
    CONFIRMED = "confirmed"
    WARN = "warn"
    QUIET = "quiet"
    CLEARED = "cleared"
    SILENT = "silent"


TABLE: dict[State, dict[Event, State]] = {
    State.INACTIVE: {
        Event.ALARM: State.PENDING,
        Event.CONFIRMED: State.FIRING,
        Event.WARN: State.INACTIVE,
        Event.QUIET: State.INACTIVE,
        Event.CLEARED: State.INACTIVE,
        Event.SILENT: State.INACTIVE,
    },
    State.PENDING: {
        Event.ALARM: State.PENDING,
        Event.CONFIRMED: State.FIRING,
        Event.WARN: State.PENDING,
        Event.QUIET: State.INACTIVE,
        Event.CLEARED: State.INACTIVE,
        Event.SILENT: State.PENDING,
    },
    State.FIRING: {
        Event.ALARM: State.FIRING,
        Event.CONFIRMED: State.FIRING,
        Event.WARN: State.FIRING,
        Event.QUIET: State.FIRING,
        Event.CLEARED: State.RESOLVED,
        Event.SILENT: State.NO_DATA,
    },
    State.NO_DATA: {
        Event.ALARM: State.FIRING,
        Event.CONFIRMED: State.FIRING,
        Event.WARN: State.FIRING,
        Event.QUIET: State.FIRING,
        Event.CLEARED: State.RESOLVED,
        Event.SILENT: State.NO_DATA,
    },
    State.RESOLVED: {
        Event.ALARM: State.PENDING,
        Event.CONFIRMED: State.FIRING,
        Event.WARN: State.RESOLVED,
        Event.QUIET: State.RESOLVED,
        Event.CLEARED: State.RESOLVED,
        Event.SILENT: State.RESOLVED,
    },
}
