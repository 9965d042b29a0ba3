"""Labels are given by hand in real Chromium, beside a rater that labels the rest."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pytest
import uvicorn

from tests.e2e.test_console_browser import CONTRAST, Opens, _wait, browser, opens  # noqa: F401 (two of them fixtures)
from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, batch, entry, watched_store
from watchkeeper.console.app import console_app
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.monitors.rating import RaterFigures, is_for_people
from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.label_requests import Asked
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.asking import Asking
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.worker import Worker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

NOW = START + 1.5 * DAY
HOSTILE = "<img src=x onerror=alert(1)>"
SETTINGS = ModelSettings(
    bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600, ask_labels=8, label_cost=0.4, label_unit=HOSTILE[:20]
)
CHECK = 0.5


@dataclass
class Served:
    """A console in which eight predictions wait; the rater was asked about half, could not say of one, and failed."""

    url: str
    store: Store
    worker: Worker

    def keep(self) -> None:
        self.worker.step()
        Asking(self.store, Registry(self.store), clock=lambda: NOW).run()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    store, journal = watched_store(tmp_path, settings=SETTINGS), MemoryJournal()
    for day in range(2):
        journal.append([entry(batch(START + day * DAY + np.arange(40) * 900, seed=day))])
    worker = Worker(store, journal, clock=lambda: NOW)
    made = Served("", store, worker)
    made.keep()
    ids = [one.prediction_id for one in store.label_requests.find("flights")]
    first = next(name for name in ids if not is_for_people(name, CHECK))
    store.label_requests.leave("flights", {first: f"The rater cannot say: {HOSTILE}"}, NOW)
    journal.append([sent(*(item(name, "1", "opinion", source="rater") for name in ids if is_for_people(name, CHECK)))])
    made.keep()
    figures = RaterFigures(how=HOSTILE, check=CHECK, sees_answer=False, asked=8, failures=1, error=HOSTILE)
    stats = msgspec.structs.asdict(figures)
    store.heartbeats.beat(Heartbeat(process="rater", pid=1, at=NOW, started_at=NOW - 9, stats=stats))
    app = console_app(store, now=lambda: NOW, journal=journal)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        made.url = f"http://127.0.0.1:{listener.getsockname()[1]}/models/flights/labels"
        _wait(made.url.removesuffix("/models/flights/labels"))
        yield made
        server.should_exit = True
        thread.join(10)
    worker.close()
    store.close()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_fits_can_be_read_and_keeps_names_text(
    served: Served,
    opens: Opens,  # noqa: F811
    width: int,
    scheme: str,
) -> None:
    watched = opens(width=width, scheme=scheme)
    watched.open(served.url)
    assert watched.complaints == []
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.page.evaluate(CONTRAST, ".badge, .small, .muted, .lead, button, dt, label, th") == []
    assert watched.page.locator("main img").count() == 0
    text = watched.page.locator("main").inner_text()
    for words in (
        f"The rater cannot say: {HOSTILE}",
        "The rater failed once",
        "Nobody has checked the rater yet",
        "2 d",
    ):
        assert words in text


def test_a_person_answers_skips_and_sees_how_the_rater_agrees(served: Served, opens: Opens) -> None:  # noqa: F811
    watched = opens()
    page = watched.page
    watched.open(served.url)
    cards = page.locator(".ask")
    theirs = page.locator(".ask", has_text="for people").count()
    assert cards.count() == 8
    assert [bool(card.get_by_text("for people", exact=True).count()) for card in cards.all()] == [True] * theirs + [
        False
    ] * (8 - theirs)
    for _ in range(theirs - 1):
        with page.expect_navigation():
            page.locator(".ask").first.get_by_role("button", name="1", exact=True).focus()
            page.keyboard.press("Enter")
        assert "Kept on disk" in page.locator("main").inner_text()
        served.keep()
        watched.open(served.url)
    with page.expect_navigation():
        page.locator(".ask").first.get_by_role("button", name="Nobody can say").click()
    assert "Skipped" in page.locator("main").inner_text()
    assert page.locator(".ask", has_text="for people").count() == 0
    assert f"of {theirs - 2} requests that both answered" in page.locator("main").inner_text()
    assert watched.complaints == []
    assert served.store.label_requests.counts("flights")[Asked.ANSWERED] == theirs - 1
