"""The answer for one window: the gravest verdict, and the findings that carry it."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.half_check import HalfCheck


class WindowVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of one window of `n` rows. `findings` holds at least one entry per column, silences included.

    `check` says how often ordinary blocks of the reference alarmed, judged by the other half of them (half_check.py).
    """

    verdict: Verdict
    n: int
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    check: HalfCheck | None = None

    @property
    def alarms(self) -> tuple[Finding, ...]:
        """The findings that alarm, each naming its feature."""
        return tuple(finding for finding in self.findings if finding.verdict is Verdict.ALARM)

    @property
    def unusual_columns(self) -> frozenset[str]:
        """Columns that alarm in this window: kept out of what later windows take as usual."""
        rolling = (Statement.UNUSUAL, Statement.BROKEN, Statement.SERVICE)
        return frozenset(finding.column for finding in self.alarms if finding.statement in rolling)

    def flags(self, columns: tuple[str, ...]) -> list[bool]:
        """Which of `columns` alarm: all of them where they alarm together."""
        return flags(self.unusual_columns, columns)


def flags(unusual: Collection[str], columns: tuple[str, ...]) -> list[bool]:
    """Which of `columns` are among the `unusual`: all of them where the nameless one is, all columns together."""
    return [name in unusual or "" in unusual for name in columns]
