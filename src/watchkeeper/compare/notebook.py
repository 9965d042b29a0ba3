"""A comparison as a small table for a notebook: plain HTML without scripts, safe wherever notebooks are shown."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from watchkeeper.detectors.finding import Finding
from watchkeeper.events.verdict import Verdict
from watchkeeper.report.advice import column_count, ranked
from watchkeeper.report.words import probability

SHOWN = 30
_COLOURS = {Verdict.OK: "#2e7d32", Verdict.WARN: "#b26a00", Verdict.ALARM: "#c62828"}
_HEADERS = ("column", "verdict", "what", "effect", "95 % interval", "p", "could have seen")


def notebook_html(verdict: Verdict, findings: Sequence[Finding], reference_rows: int, rows: int) -> str:
    """The most urgent columns, one line each."""
    columns = ranked(findings)
    head = "".join(f'<th style="text-align:left">{header}</th>' for header in _HEADERS)
    body = "".join(f"<tr>{_cells(own[0])}</tr>" for _, own in columns[:SHOWN])
    left = (
        f"<p>{len(columns) - SHOWN} more columns; <code>.to_html()</code> shows all.</p>"
        if len(columns) > SHOWN
        else ""
    )
    return (
        f"<div><p>{_badge(verdict)} {rows:,} rows against {reference_rows:,}, {column_count(columns)} columns</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{left}</div>"
    )


def _badge(verdict: Verdict) -> str:
    return f'<b style="color:{_COLOURS.get(verdict, "#616161")}">{escape(verdict.value)}</b>'


def _cells(finding: Finding) -> str:
    interval = (
        f"{_number(finding.effect_low)} to {_number(finding.effect_high)}" if finding.effect_low is not None else ""
    )
    texts = (
        escape(finding.sentence or finding.note or finding.detector),
        f"{_number(finding.effect)} {escape(finding.effect_name)}",
        interval,
        escape(probability(finding.p_value)),
        _number(finding.smallest_effect),
    )
    first = f"<td>{escape(finding.feature)}</td><td>{_badge(finding.verdict)}</td>"
    return first + "".join(f'<td style="text-align:left">{text}</td>' for text in texts)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}"
