"""The self-contained HTML page of a backtest: what would have paged, when, and what truly happened, on one screen.

What is on it is worked out by whoever replayed the history (backtest/page.py); here it is only placed. The findings of
each alarmed window are a list of `<details>`, so that the page opens at once however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.report.comparison import FindingRow
from watchkeeper.report.page import Drawn, self_contained


@dataclass(frozen=True, kw_only=True)
class AlertRow:
    """An alert that would have been told, as texts."""

    told: str
    about: str
    severity: str
    tone: str
    lasted: str
    outcome: str
    outcome_tone: str
    summary: str
    next_step: str


@dataclass(frozen=True, kw_only=True)
class WindowSection:
    """A window that alarmed or was harmed, with its findings."""

    when: str
    verdict: str
    tone: str
    rows: str
    performance: str
    harm: str
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, kw_only=True)
class BacktestPage:
    """The whole page as texts and figures."""

    title: str
    headline: str
    tone: str
    lead: tuple[str, ...]
    steps: tuple[str, ...]
    facts: tuple[tuple[str, str, str], ...]
    alerts: tuple[AlertRow, ...]
    performance: Drawn | None
    performance_label: str
    performance_words: str
    timeline: Drawn | None
    timeline_label: str
    windows: tuple[WindowSection, ...]
    more_windows: int
    notes: tuple[str, ...]
    footer: str


def render_backtest(page: BacktestPage) -> str:
    """The page as one HTML document."""
    return self_contained("backtest.html", page, css=("base.css", "report.css", "backtest.css"))
