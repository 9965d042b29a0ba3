from __future__ import annotations

import re
from pathlib import Path

from tests.helpers.asgi import Asker
from tests.helpers.firing import fire
from tests.helpers.seed import DAY, NOW, START
from tests.helpers.watching import watched_store
from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Cause, Severity
from watchkeeper.alerts.table import State
from watchkeeper.console.app import console_app
from watchkeeper.store.store import open_store


def links(asker: Asker, path: str = "/alerts") -> list[str]:
    return re.findall(r'<h2><a href="(/alerts/[0-9a-f]+)"', asker.page(path).text)


def test_what_fires_comes_first(asker: Asker) -> None:
    text = asker.page("/alerts").text
    assert text.index("unseen categories in carrier") < text.index("missing values in wind") < text.index("new unit in")
    assert len(links(asker, "/alerts?state=resolved")) == 1
    assert len(links(asker, "/alerts?model=delays&state=firing")) == 2
    assert len(links(asker, "/alerts?state=ugly")) == 3


def test_one_alert_s_page(asker: Asker) -> None:
    text = asker.page(links(asker)[0]).text
    for words in ("2013-06-23 00:00", "1 d of data after", "See the feature", "Are you on it?", "This is the first."):
        assert words in text
    assert text.count("data-figure") == 1
    assert "key=secret" not in text


def test_acknowledging_is_a_form_that_leads_back(asker: Asker) -> None:
    path = links(asker)[0]
    answer = asker.ask("POST", f"{path}/acknowledge", data={"note": "on it <b>"})
    assert answer.status_code == 303
    assert answer.headers["location"] == path
    assert "on it &lt;b&gt;" in asker.page(path).text
    assert "acknowledged" in asker.page("/alerts").text


def test_what_cannot_be_acknowledged_says_so(asker: Asker) -> None:
    over = links(asker, "/alerts?state=resolved")[0]
    answer = asker.ask("POST", f"{over}/acknowledge", headers={"accept": "text/html"})
    assert answer.status_code == 400
    assert "nothing to acknowledge" in answer.text
    assert asker.page("/alerts/nope").status_code == 404
    other = {"origin": "https://evil.example"}
    assert asker.ask("POST", f"{over}/acknowledge", headers=other).status_code == 403


def test_a_resolved_alert_shows_the_window_that_still_alarmed(asker: Asker) -> None:
    text = asker.page(links(asker, "/alerts?state=resolved")[0]).text
    assert "The last window that alarmed, 2013-06-18 00:00 to 2013-06-19 00:00 UTC" in text
    assert f"window={START + 17 * DAY}" in text
    assert "told <time" in text


def test_unseen_categories_have_their_bar_and_their_records(asker: Asker) -> None:
    text = asker.page(links(asker)[0]).text
    assert "(never seen)" in text
    assert "flag=unseen" in text


def test_what_an_alert_explains_and_an_alert_on_watchkeeper_itself(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    asker = Asker(console_app(store, now=lambda: NOW))
    mine = Alert(
        id="a1", fingerprint="f", model="watchkeeper", version="gateway", cause=Cause.RESOURCES, subject="memory",
        columns=("service.memory",), features=("memory",), consequences=("prediction late",), severity=Severity.PAGE,
        state=State.FIRING, onset=START, detected=START + 60, updated=START + 60, title="memory", summary="Full.",
    )  # fmt: skip
    store.alerts.save([mine], NOW, "memory")
    text = asker.page("/alerts/a1").text
    assert links(asker, "/alerts?model=watchkeeper") == ["/alerts/a1"]
    assert "<option selected>watchkeeper</option>" in asker.page("/alerts?model=watchkeeper").text
    store.close()
    assert "Explains</dt><dd>prediction late" in text
    assert 'href="/health"' in text
    assert "The heartbeats of the process" in text
    assert "/models/watchkeeper" not in text


def test_an_alert_on_performance_leads_to_the_performance_page(tmp_path: Path) -> None:
    store = watched_store(tmp_path)
    segment = fire(store, Cause.SEGMENT_HARM, "performance.error[carrier=AA]", summary="s")
    whole = fire(store, Cause.HARM, "performance.error", summary="h")
    asker = Asker(console_app(store, now=lambda: NOW))
    pages = [asker.page(f"/alerts/{name}").text for name in (segment, whole)]
    store.close()
    assert 'href="/models/flights/performance?version=1&amp;feature=carrier#segments"' in pages[0]
    assert 'href="/models/flights/performance?version=1"' in pages[1]
    for page in pages:
        assert "See the feature" not in page
        assert "It rests on labels" in page
