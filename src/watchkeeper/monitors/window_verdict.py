"""The answer for one window: the gravest verdict, and the findings that carry it."""

from __future__ import annotations

import msgspec

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict


class WindowVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one window of `n` rows. `findings` holds at least one entry per column, silences included."""

    verdict: Verdict
    n: int
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings that alarm, each naming its feature."""
        return tuple(finding for finding in self.findings if finding.verdict is Verdict.ALARM)

    @property
    def unusual_columns(self) -> frozenset[str]:
        """Columns that alarm in this window: kept out of what later windows take as usual."""
        rolling = (Statement.UNUSUAL, Statement.BROKEN, Statement.SERVICE)
        return frozenset(finding.column for finding in self.alarms if finding.statement in rolling)
