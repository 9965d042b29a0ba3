from __future__ import annotations

import dataclasses

from watchkeeper.report.backtest import AlertRow, BacktestPage, render_backtest

HOSTILE = '</script><img src=x onerror="alert(1)">'
ALERT = AlertRow(
    told="2014-01-01", about=HOSTILE, severity="page", tone="alarm", lasted="1 d", outcome="as ever",
    outcome_tone="warn", summary=f"`{HOSTILE}` is missing", next_step="Look.",
)  # fmt: skip
PAGE = BacktestPage(
    title=HOSTILE, headline="1 page.", tone="warn", lead=("Lead.",), steps=("Use `--window`.",),
    facts=(("Rows", "1", ""),), alerts=(ALERT,), performance=None, performance_label="", performance_words="Words.",
    timeline=None, timeline_label="", windows=(), more_windows=0, notes=("A note.",), footer="End.",
)  # fmt: skip


def head(html: str) -> str:
    """The page without Plotly."""
    return html[: html.index('id="wk-plotly"')]


def test_hostile_names_are_text() -> None:
    assert "<img" not in head(render_backtest(PAGE))


def test_code_is_marked_and_what_is_not_there_is_said() -> None:
    html = head(render_backtest(dataclasses.replace(PAGE, alerts=())))
    assert "<code>--window</code>" in html
    assert "no alert would have been told" in html
    assert "<p>None.</p>" in html


def test_only_our_own_scripts_may_run() -> None:
    assert "script-src &#39;sha256-" in head(render_backtest(PAGE))
