"""A backtest as a small table for a notebook: plain HTML without scripts, safe wherever notebooks are shown."""

from __future__ import annotations

from html import escape

from watchkeeper.backtest import telling
from watchkeeper.backtest.records import AlertRecord, BacktestDocument

SHOWN = 20
_HEADERS = ("told", "about", "windows", "performance meanwhile")


def notebook_html(document: BacktestDocument) -> str:
    """The headline, what truly happened, the first pages, and what to do now."""
    pages = telling.pages(document)
    left = f"<p>{len(pages) - SHOWN} more; <code>.to_html()</code> shows all.</p>" if len(pages) > SHOWN else ""
    lead = "".join(f"<p>{escape(line)}</p>" for line in telling.lead(document))
    steps = "".join(f"<li>{escape(step)}</li>" for step in telling.steps(document))
    return f"<div><p><b>{escape(telling.headline(document))}</b></p>{lead}{_table(pages)}{left}<ol>{steps}</ol></div>"


def _table(pages: list[AlertRecord]) -> str:
    if not pages:
        return ""
    head = "".join(f'<th style="text-align:left">{header}</th>' for header in _HEADERS)
    body = "".join(f"<tr>{_cells(alert)}</tr>" for alert in pages[:SHOWN])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(alert: AlertRecord) -> str:
    told = alert.told_at[:16].replace("T", " ")
    texts = (told, telling.about(alert), str(alert.windows), telling.outcome(alert))
    return "".join(f'<td style="text-align:left">{escape(text)}</td>' for text in texts)
