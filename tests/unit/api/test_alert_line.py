from __future__ import annotations

from watchkeeper.api.alert_line import alert_line
from watchkeeper.api.context import Context


def test_a_line_says_what_where_and_since_when(context: Context) -> None:
    alert = context.store.alerts.find()[0]
    line = alert_line(alert)
    assert (line.id, line.title, line.state, line.onset) == (alert.id, alert.title, alert.state, alert.onset)
