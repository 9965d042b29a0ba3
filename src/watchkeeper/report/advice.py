"""What a person does next about a finding, and which finding speaks first.

A fault of the data has one cause whoever finds it, so its advice is the alerts'. A change of distribution is advised by
which question the finding answers.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from watchkeeper.alerts.advice import NEXT_STEP
from watchkeeper.alerts.cause import Cause, cause_of
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict, worst

TONES = {Verdict.OK: "ok", Verdict.WARN: "warn", Verdict.ALARM: "alarm"}

_SPEAKS = (
    Statement.HARM,
    Statement.BROKEN,
    Statement.DIFFERENT,
    Statement.SERVICE,
    Statement.UNUSUAL,
    Statement.ESTIMATED,
    Statement.MOVED,
)
_MOVED = {
    Statement.UNUSUAL: "Look at the distribution and at what changed at the onset: a deployment, a source, a season.",
    Statement.MOVED: "Not urgent. Check against labels whether quality fell; if it did, retrain on recent data.",
    Statement.BROKEN: "Treat it as a fault of the data: find the source and what changed there at the onset.",
    Statement.DIFFERENT: "Look at the two distributions, and ask what differs between how these two tables were made.",
    Statement.HARM: NEXT_STEP[Cause.HARM],
    Statement.ESTIMATED: "Get labels for a random sample of this period: an estimate without labels is often wrong.",
    Statement.SERVICE: "Look at the service panel: traffic, errors and latency over the same time.",
}


def tone(verdict: Verdict) -> str:
    """The class of a verdict in style sheets: ok, warn, alarm or silent."""
    return TONES.get(verdict, "silent")


def next_step(finding: Finding) -> str:
    """One sentence on what to do about a finding that warns or alarms; for the others, why nothing is to be done."""
    if finding.verdict is Verdict.OK:
        return "Nothing to do."
    if finding.verdict is Verdict.NOT_ENOUGH_DATA:
        return "Nothing can be said yet: wait for more rows, or use longer windows."
    if finding.verdict is Verdict.NOT_COMPUTABLE:
        return "This could not be computed; the note on the finding says why."
    if finding.statement in (Statement.BROKEN, Statement.DIFFERENT, Statement.SERVICE):
        cause = _fault(finding)
        if cause is not Cause.BROKEN:
            return NEXT_STEP[cause]
    return _MOVED[finding.statement]


def _fault(finding: Finding) -> Cause:
    """The fault of the data or the service that a finding is about; `broken` if it is none with a name."""
    if finding.statement is Statement.SERVICE:
        return cause_of(finding)
    return cause_of(msgspec.structs.replace(finding, statement=Statement.BROKEN))


def headline(findings: Iterable[Finding]) -> Finding | None:
    """The finding that speaks for a feature: the gravest, of those a fault, of those the furthest past its floor."""
    return max(findings, key=_weight, default=None)


def _weight(finding: Finding) -> tuple[int, int, float, float]:
    past = abs(finding.effect or 0.0) / finding.floor if finding.floor else 0.0
    p = 1.0 if finding.p_value is None else finding.p_value
    return gravity(finding.verdict), -_SPEAKS.index(finding.statement), past, -p


def gravity(verdict: Verdict) -> int:
    """Rank of a verdict by urgency, silence between `ok` and `warn`: what is not known ranks above what is well."""
    order = (Verdict.OK, Verdict.NOT_COMPUTABLE, Verdict.NOT_ENOUGH_DATA, Verdict.WARN, Verdict.ALARM)
    return order.index(verdict)


def ranked(findings: Iterable[Finding]) -> list[tuple[str, list[Finding]]]:
    """Findings by column, the column that needs a person first at the top; the first finding of each speaks for it.

    Columns without a tally key of their own (`finding.column` empty) go by the name of the feature.
    """
    columns: dict[str, list[Finding]] = {}
    for finding in findings:
        columns.setdefault(finding.column or finding.feature, []).append(finding)
    for own in columns.values():
        own.sort(key=_weight, reverse=True)
    return sorted(columns.items(), key=lambda item: column_weight(item[1]), reverse=True)


def column_count(columns: Iterable[tuple[str, list[Finding]]]) -> int:
    """How many of the `ranked` are columns: what is said of all of them together is none."""
    return sum(bool(own[0].column) for _, own in columns)


def column_weight(findings: list[Finding]) -> tuple[int, float]:
    """How urgent a column is: its gravest verdict, then the largest distance of any of its findings."""
    gravest = max((gravity(finding.verdict) for finding in findings), default=0)
    return gravest, max((finding.distance or 0.0 for finding in findings), default=0.0)


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """The gravest verdict of some findings."""
    return worst(finding.verdict for finding in findings)
