"""What can be wrong, gravest first: the name of each cause, how it is said, and how soon it may fire.

One event in the world often shows in several tests at once: miles sent as kilometres leave the range, shift the
quantiles and change the predictions. The order below lets the gravest sign on a column speak for the lesser ones.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.inference import OUTPUT


class Severity(StrEnum):
    """`page` is worth waking somebody; `notice` can wait for the morning."""

    PAGE = "page"
    NOTICE = "notice"


class Cause(StrEnum):
    """The kind of fault an alert is about, gravest first."""

    ERRORS = "errors"
    WRONG_TYPE = "wrong type"
    MISSING = "missing values"
    NOT_FINITE = "not a number"
    UNSEEN = "unseen categories"
    UNIT = "new unit"
    OUT_OF_RANGE = "out of range"
    BROKEN = "broken"
    HARM = "harm seen"
    SEGMENT_HARM = "harm in a segment"
    HARM_ESTIMATED = "harm estimated"
    BIAS = "prediction bias"
    DISTRIBUTION = "distribution"
    PREDICTIONS = "predictions"
    LATENCY = "latency"
    TRAFFIC = "traffic"
    NO_SIGN_OF_LIFE = "no sign of life"
    RESOURCES = "resources"


class CauseKind(msgspec.Struct, frozen=True, kw_only=True):
    """`hard` causes fire at once; `verb` is what is said of several columns that broke together."""

    hard: bool
    severity: Severity
    verb: str


def _kind(hard: bool, severity: Severity, verb: str) -> CauseKind:
    return CauseKind(hard=hard, severity=severity, verb=verb)


CAUSES: dict[Cause, CauseKind] = {
    Cause.ERRORS: _kind(True, Severity.PAGE, "fail"),
    Cause.WRONG_TYPE: _kind(True, Severity.PAGE, "came with a wrong type"),
    Cause.MISSING: _kind(True, Severity.PAGE, "went missing"),
    Cause.NOT_FINITE: _kind(True, Severity.PAGE, "are not numbers any more"),
    Cause.UNSEEN: _kind(True, Severity.PAGE, "took categories never seen in training"),
    Cause.UNIT: _kind(True, Severity.PAGE, "changed unit"),
    Cause.OUT_OF_RANGE: _kind(True, Severity.PAGE, "left the range seen in training"),
    Cause.BROKEN: _kind(True, Severity.PAGE, "broke"),
    Cause.HARM: _kind(True, Severity.PAGE, "got worse"),
    Cause.SEGMENT_HARM: _kind(False, Severity.NOTICE, "got worse for a part of the rows"),
    Cause.HARM_ESTIMATED: _kind(False, Severity.NOTICE, "are worse by estimates"),
    Cause.BIAS: _kind(False, Severity.NOTICE, "moved"),
    Cause.DISTRIBUTION: _kind(False, Severity.PAGE, "changed"),
    Cause.PREDICTIONS: _kind(False, Severity.PAGE, "changed"),
    Cause.LATENCY: _kind(False, Severity.PAGE, "rose"),
    Cause.TRAFFIC: _kind(False, Severity.NOTICE, "changed"),
    Cause.NO_SIGN_OF_LIFE: _kind(False, Severity.PAGE, "stopped"),
    Cause.RESOURCES: _kind(False, Severity.NOTICE, "run out"),
}

GRAVITY: dict[Cause, int] = {cause: rank for rank, cause in enumerate(Cause)}

# A word in the name of a detector (for broken data) or of a column (for the service), and the cause it means.
_BROKEN: tuple[tuple[str, Cause], ...] = (
    ("type", Cause.WRONG_TYPE),
    ("missing", Cause.MISSING),
    ("nan", Cause.NOT_FINITE),
    ("finite", Cause.NOT_FINITE),
    ("inf", Cause.NOT_FINITE),
    ("unseen", Cause.UNSEEN),
    ("unit", Cause.UNIT),
    ("scale", Cause.UNIT),
    ("range", Cause.OUT_OF_RANGE),
    ("beyond", Cause.OUT_OF_RANGE),
    ("tail", Cause.OUT_OF_RANGE),
)
_SERVICE: tuple[tuple[str, Cause], ...] = (
    ("error", Cause.ERRORS),
    ("status", Cause.ERRORS),
    ("latency", Cause.LATENCY),
    ("traffic", Cause.TRAFFIC),
    ("throughput", Cause.TRAFFIC),
    ("heartbeat", Cause.NO_SIGN_OF_LIFE),
)
# How the column of a finding of harm begins, and the cause it means.
_OF_HARM: tuple[tuple[str, Cause], ...] = (
    ("performance.error[", Cause.SEGMENT_HARM),
    ("performance.bias", Cause.BIAS),
)


OF_SERVICE = frozenset(
    {Cause.ERRORS, Cause.LATENCY, Cause.TRAFFIC, Cause.NO_SIGN_OF_LIFE, Cause.RESOURCES},
)
"""Causes in the service or in a process, not in the data."""

OF_LABELS = frozenset({Cause.HARM, Cause.SEGMENT_HARM, Cause.HARM_ESTIMATED, Cause.BIAS})
"""Causes in how well the model does. Labels come late, so their alerts are written by passes of their own."""

BREAKS = frozenset(cause for cause, kind in CAUSES.items() if kind.hard) - {Cause.ERRORS, Cause.HARM}
"""Causes that are faults of the data that came in: they explain odd predictions, and harm."""


def cause_of(finding: Finding) -> Cause:
    """The cause a finding speaks of."""
    if finding.statement is Statement.BROKEN:
        return _first(_BROKEN, finding.detector, Cause.BROKEN)
    if finding.statement is Statement.SERVICE:
        return _first(_SERVICE, f"{finding.detector} {finding.column}", Cause.RESOURCES)
    if finding.statement is Statement.ESTIMATED:
        return Cause.HARM_ESTIMATED
    if finding.statement is Statement.HARM:
        return next((cause for start, cause in _OF_HARM if finding.column.startswith(start)), Cause.HARM)
    return Cause.PREDICTIONS if finding.column.startswith(OUTPUT) else Cause.DISTRIBUTION


def _first(words: tuple[tuple[str, Cause], ...], text: str, otherwise: Cause) -> Cause:
    return next((cause for word, cause in words if word in text), otherwise)
