"""The sums of a backtest: how often it would have paged, how often in vain, and what harm was seen, by whom, when."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence

from watchkeeper.alerts.cause import Severity
from watchkeeper.backtest.plan import Plan
from watchkeeper.backtest.records import AlertRecord, HarmSummary, Summary, WindowRecord
from watchkeeper.backtest.truth import Truth
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.policy import MONTH


def summarise(
    plan: Plan, windows: Sequence[WindowRecord], alerts: Sequence[AlertRecord], truth: Truth | None
) -> Summary:
    """Count what the records say."""
    judged = [window for window in windows if window.n]
    months = len(judged) * plan.window / MONTH
    alarms = sum(_alarms(window, Statement.UNUSUAL) for window in judged)
    pages = [alert for alert in alerts if alert.severity is Severity.PAGE]
    told = [alert.in_vain for alert in pages if alert.harmed is not None]
    return Summary(
        windows=len(windows),
        empty=len(windows) - len(judged),
        rows=sum(window.n for window in windows),
        months=months,
        budget_per_month=plan.alarms_per_month,
        verdicts=dict(Counter(window.verdict.value for window in windows)),
        alarms=alarms,
        alarms_per_month=alarms / months if months else 0.0,
        broken=sum(_alarms(window, Statement.BROKEN) for window in judged),
        pages=len(pages),
        pages_per_month=len(pages) / months if months else 0.0,
        in_vain=sum(told) if told else None if truth is None or pages else 0,
        harm=None if truth is None else _harm(plan, windows, truth),
    )


def _alarms(window: WindowRecord, statement: Statement) -> bool:
    return any(finding.statement is statement for finding in window.data_alarms)


def _harm(plan: Plan, windows: Sequence[WindowRecord], truth: Truth) -> HarmSummary:
    harmed = [place for place, window in enumerate(windows) if window.harmed]
    episodes = _runs(harmed)
    delays = [delay for run in episodes if (delay := _delay(windows, truth, run)) is not None]
    estimates = [_estimate_alarms(window) for window in windows if window.estimated]
    line = truth.line
    return HarmSummary(
        loss=truth.loss_name,
        ordinary=None if line is None else line.mean,
        ordinary_sd=None if line is None else line.sd,
        line=None if line is None else line.loss,
        blocks=0 if line is None else line.blocks,
        labelled_windows=sum(window.harmed is not None for window in windows),
        harmed=len(harmed),
        seen=sum(_seen(windows[place]) for place in harmed),
        alarmed=sum(bool(windows[place].data_alarms) for place in harmed),
        estimated=sum(_estimate_alarms(windows[place]) for place in harmed) if estimates else None,
        episodes=len(episodes),
        found=len(delays),
        delay_windows=statistics.median(delays) if delays else None,
        label_windows=-(-plan.label_delay // plan.window),
        harm_in_vain=sum(_seen(window) for window in windows if window.harmed is False),
    )


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Places in a row, together."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _delay(windows: Sequence[WindowRecord], truth: Truth, run: Sequence[int]) -> int | None:
    """Windows between the end of the first harmed one and the end of the one that told of any; None if none did."""
    return next((int(truth.due[place]) - run[0] for place in run if _seen(windows[place])), None)


def _seen(window: WindowRecord) -> bool:
    return window.harm is not None and _alarmed(window.harm.finding)


def _alarmed(finding: Finding) -> bool:
    return finding.verdict is Verdict.ALARM


def _estimate_alarms(window: WindowRecord) -> bool:
    """Whether an estimate without labels warned."""
    return any(finding.statement is Statement.ESTIMATED for finding in window.findings)
