"""A backtest as a page: every text and figure worked out here, placed by report/backtest.py."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from watchkeeper.alerts.cause import Severity
from watchkeeper.backtest import telling
from watchkeeper.backtest.records import AlertRecord, BacktestDocument, WindowRecord
from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict, worst
from watchkeeper.report import advice, words
from watchkeeper.report.backtest import AlertRow, BacktestPage, WindowSection, render_backtest
from watchkeeper.report.comparison import FindingRow, finding_row
from watchkeeper.report.losses import LossSeries, losses_figure
from watchkeeper.report.page import Drawn, drawn
from watchkeeper.report.timeline import AlertMark, Timeline, timeline_figure

SHOWN = 200
_ROWS, _CELLS = 12, 1_000


def backtest_html(document: BacktestDocument) -> str:
    """The page as one HTML document."""
    return render_backtest(backtest_page(document))


def backtest_page(document: BacktestDocument) -> BacktestPage:
    """Everything on the page as texts and figures."""
    told = [window for window in document.windows if window.harmed or window.data_alarms or _harm_alarms(window)]
    harm = document.summary.harm
    first, last = document.windows[0].start[:10], document.windows[-1].end[:10]
    return BacktestPage(
        title=f"{words.visible(document.name)}, {first} to {last}",
        headline=telling.headline(document),
        tone=_tone(document),
        lead=tuple(telling.lead(document)),
        steps=tuple(telling.steps(document)),
        facts=_facts(document),
        alerts=tuple(_alert_row(document, alert) for alert in document.alerts),
        performance=None if harm is None else drawn(losses_figure(_losses(document))),
        performance_label="" if harm is None else f"{harm.loss} of each window. {telling.truth(document, harm)}",
        performance_words="No label was named, so what truly happened to performance is not known."
        if harm is None
        else f"The {harm.loss} of each window by all labels that ever came: hindsight, which no alarm used."
        f"{_estimated_by(document)}",
        timeline=_timeline(document),
        timeline_label="Verdict of each column and window, with a mark where somebody would have been told.",
        windows=tuple(_section(document, window) for window in told[:SHOWN]),
        more_windows=max(0, len(told) - SHOWN),
        notes=document.notes,
        footer="Made by Watchkeeper, with the code that watches live. Every number comes from tallies; no row is here.",
    )


def _estimated_by(document: BacktestDocument) -> str:
    """Which of the estimates is drawn."""
    by = f" Dotted, estimated without labels by {document.estimates[0].estimator}" if document.estimates else ""
    several = len({record.estimator for record in document.estimates}) > 1
    return f"{by}{', the method with the better record' if several else ''}." if by else ""


def _tone(document: BacktestDocument) -> str:
    told = document.summary
    if set(told.verdicts) <= {Verdict.NOT_ENOUGH_DATA.value, Verdict.NOT_COMPUTABLE.value}:
        return "silent"
    return "warn" if told.pages or (told.harm is not None and told.harm.harmed) else "ok"


def _facts(document: BacktestDocument) -> tuple[tuple[str, str, str], ...]:
    told = document.summary
    blocks = f"{document.reference_blocks} blocks, until {document.reference_until[:16].replace('T', ' ')}"
    labels = "not given" if told.harm is None else words.count(told.harm.labelled_windows)
    delay = f"known {words.duration(document.label_delay_seconds)} after the row" if told.harm is not None else ""
    return (
        ("Rows replayed", words.count(told.rows), ""),
        ("Windows", words.count(told.windows), f"of {words.duration(document.window_seconds)}, {told.empty} empty"),
        ("Reference rows", words.count(document.reference_rows), blocks),
        ("Task", document.task, ", ".join(document.classes[:6])),
        ("Windows with labels", labels, delay),
        ("Budget", f"{told.budget_per_month:.3g} a month", "false alarms that are accepted"),
    )


# ------------------------------------------------------------ alerts and windows
def _alert_row(document: BacktestDocument, alert: AlertRecord) -> AlertRow:
    length = alert.windows * document.window_seconds
    still = "" if alert.resolved_at else ", still open"
    page = alert.severity is Severity.PAGE
    return AlertRow(
        told=_short(alert.told_at),
        about=words.visible(telling.about(alert)),
        severity=alert.severity.value,
        tone="alarm" if page else "info",
        lasted=f"{words.duration(length)}{still}",
        outcome=telling.outcome(alert),
        outcome_tone="silent" if alert.harmed is None else "alarm" if alert.harmed else "warn" if page else "ok",
        summary=alert.summary,
        next_step=alert.next_step,
    )


def _section(document: BacktestDocument, window: WindowRecord) -> WindowSection:
    loss = ""
    if window.loss is not None and document.summary.harm is not None:
        of = f" on {words.count(window.labelled)} labels"
        loss = f"{document.summary.harm.loss} {telling.loss_text(document, window.loss)}{of}"
        loss += ", harmed" if window.harmed else ""
        guess = telling.best_guess(document, window)
        if guess is not None and guess.value is not None:
            loss += f"; estimated without labels {telling.loss_text(document, guess.value)}"
    ranked = sorted(window.findings, key=lambda finding: advice.gravity(finding.verdict), reverse=True)
    return WindowSection(
        when=_short(window.start),
        verdict=f"data {window.verdict.value}",
        tone=advice.tone(window.verdict),
        rows=f"{words.count(window.n)} rows",
        performance=loss,
        harm=_harm_words(window),
        findings=tuple(_finding(finding) for finding in ranked),
    )


def _finding(finding: Finding) -> FindingRow:
    """A row that names the column and the question, as it stands among those of other columns."""
    row = finding_row(finding)
    what = f"{words.visible(finding.feature)}: {row.detector} ({finding.statement.value})"
    return dataclasses.replace(row, detector=what)


def _harm_words(window: WindowRecord) -> str:
    if window.harm is None:
        return ""
    finding = window.harm.finding
    said = finding.sentence or finding.note
    return f"Told on {_short(window.harm.told_at)}, when its labels had come: {finding.verdict.value}. {said}"


def _harm_alarms(window: WindowRecord) -> bool:
    return window.harm is not None and window.harm.finding.verdict is Verdict.ALARM


def _short(time: str) -> str:
    """`2013-04-01 05:00`, or the day where it begins."""
    return time[:16].replace("T", " ").removesuffix(" 00:00")


# ------------------------------------------------------------ figures
def _losses(document: BacktestDocument) -> LossSeries:
    harm, windows = document.summary.harm, document.windows
    name = "" if harm is None else harm.loss
    own = [window.realised.get(name) for window in windows]
    guess = [telling.best_guess(document, window) for window in windows]
    return LossSeries(
        name=name,
        times=tuple(_seconds(window.start) for window in windows),
        width=document.window_seconds,
        loss=[window.loss for window in windows],
        low=[None if metric is None else metric.low for metric in own],
        high=[None if metric is None else metric.high for metric in own],
        estimated=[None if metric is None else metric.value for metric in guess],
        ordinary=None if harm is None else harm.ordinary,
        line=None if harm is None else harm.line,
        harmed=tuple(window.harmed for window in windows),
        pages=tuple((_seconds(alert.told_at), telling.about(alert)) for alert in telling.pages(document)),
        percent=document.task != "regression",
    )


def _timeline(document: BacktestDocument) -> Drawn | None:
    """The columns that alarmed most. Where windows are too many to draw, some in a row share a cell: the gravest."""
    columns: dict[str, int] = {}
    for window in document.windows:
        for name in {finding.feature for finding in window.findings}:
            columns[name] = columns.get(name, 0) + sum(f.feature == name for f in window.data_alarms) + 1
    shown = sorted(columns, key=lambda name: -columns[name])[:_ROWS]
    rows = [tuple(_verdict_of(window, name) for window in document.windows) for name in shown]
    if not rows:
        shown, rows = ["all columns"], [tuple(window.verdict if window.n else None for window in document.windows)]
    at_once = -(-len(document.windows) // _CELLS)
    marks = tuple(AlertMark(onset=_seconds(alert.onset), title=telling.about(alert)) for alert in document.alerts)
    timeline = Timeline(
        rows=tuple(shown),
        starts=tuple(_seconds(window.start) for window in document.windows[::at_once]),
        width=document.window_seconds * at_once,
        verdicts=tuple(_shared(row, at_once) for row in rows),
        alerts=marks,
    )
    return drawn(timeline_figure(timeline))


def _shared(row: tuple[Verdict | None, ...], at_once: int) -> tuple[Verdict | None, ...]:
    """The gravest verdict of each few."""
    groups = (row[i : i + at_once] for i in range(0, len(row), at_once))
    return tuple(max(filter(None, group), key=advice.gravity, default=None) for group in groups)


def _verdict_of(window: WindowRecord, name: str) -> Verdict | None:
    if not window.n:
        return None
    own = [finding.verdict for finding in window.findings if finding.feature == name]
    silent = Verdict.OK if Verdict.OK.value in window.silent else Verdict.NOT_ENOUGH_DATA
    return worst(own) if own else silent


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()
