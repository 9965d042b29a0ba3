from __future__ import annotations

import msgspec

from tests.helpers.histories import replayed
from watchkeeper.backtest.notebook import notebook_html

DOCUMENT = replayed().document


def test_it_is_a_table_without_scripts() -> None:
    html = notebook_html(DOCUMENT)
    assert "<script" not in html
    assert "2 pages in 1.7 months" in html
    assert html.count("<tr>") == 3


def test_nothing_dangerous_comes_through() -> None:
    name = "<img src=x onerror=alert(1)>"
    alerts = tuple(msgspec.structs.replace(alert, title=name) for alert in DOCUMENT.alerts * 15)
    html = notebook_html(msgspec.structs.replace(DOCUMENT, alerts=alerts))
    assert "<img" not in html
    assert "10 more" in html


def test_without_pages_there_is_no_table() -> None:
    assert "<table" not in notebook_html(msgspec.structs.replace(DOCUMENT, alerts=()))
