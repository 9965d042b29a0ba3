"""A receiver gets everything a person needs, and the same text for the same notice."""

from __future__ import annotations

import json

from tests.unit.alerts.findings import broken
from watchkeeper.alerts.advance import Judged, Notice, advance
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.notify.payload import SCHEMA, notice_payload


def notice() -> Notice:
    window = Judged(model="late", version="v1", start=0, end=3600, findings=(broken("age"),))
    (found,) = advance((), window, AlertPolicy()).notices
    return found


def test_payload() -> None:
    body = json.loads(notice_payload(notice()))
    assert body["schema"] == SCHEMA
    assert body["event"] == "firing"
    alert = body["alert"]
    assert (alert["model"], alert["version"], alert["features"]) == ("late", "v1", ["age"])
    assert (alert["onset"], alert["detected"], alert["ended"]) == ("1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z", None)
    assert alert["size"]["effect"] == 0.3
    assert "track" not in alert
    assert all(alert[name] for name in ("title", "summary", "next_step", "severity", "state", "cause", "statement"))


def test_the_same_notice_gives_the_same_text() -> None:
    assert notice_payload(notice()) == notice_payload(notice())
