from __future__ import annotations

import pytest

from tests.helpers.seed import DAY, START
from watchkeeper.api.context import Context
from watchkeeper.api.service import service


def test_a_month(context: Context) -> None:
    view = service(context, "delays")
    assert view.width == DAY
    assert view.total_rows == sum(view.rows) == 12000
    assert view.total_failed == sum(view.failed) > 0
    assert view.error_rate == pytest.approx(view.total_failed / 12000)
    assert view.rate == pytest.approx(12000 / (30 * DAY))
    assert view.latency["0.5"] == pytest.approx(1.34, rel=0.1)
    quantiles = [view.latency[q] or 0 for q in ("0.5", "0.95", "0.99")]
    assert quantiles == sorted(quantiles)
    assert all(len(values) == 30 for values in view.latency_ms.values())


def test_a_span_without_traffic(context: Context) -> None:
    view = service(context, "delays", start="0", end=str(DAY))
    assert (view.total_rows, view.error_rate, view.rate, view.latency["0.5"]) == (0, None, None, None)
    assert START not in view.starts
