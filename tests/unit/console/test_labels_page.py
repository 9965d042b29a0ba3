"""The queue of predictions to be labelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.asgi import Asker
from tests.helpers.watching import DAY, START, batch, entry, watched_store
from watchkeeper.console.app import console_app
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.asking import Asking
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.worker import Worker

PAGE = "/models/flights/labels"
NOW = START + 1.5 * DAY


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Asker, Store, Worker]]:
    """Five of forty predictions are asked for."""
    settings = ModelSettings(bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600, ask_labels=5)
    store, journal = watched_store(tmp_path, settings=settings), MemoryJournal()
    journal.append([entry(batch(START + day * DAY + np.arange(40) * 900, seed=day)) for day in range(2)])
    worker = Worker(store, journal, clock=lambda: NOW)
    worker.step()
    Asking(store, Registry(store), clock=lambda: NOW).run()
    yield Asker(console_app(store, now=lambda: NOW, journal=journal)), store, worker
    worker.close()
    store.close()


def first(store: Store) -> str:
    return store.label_requests.find("flights", limit=1)[0].prediction_id


def test_every_request_has_what_is_known_and_a_button_for_each_class(asked: tuple[Asker, Store, Worker]) -> None:
    page = asked[0].page(PAGE).text
    assert "5 predictions wait" in page
    assert page.count('name="value" value="1"') == 5
    assert page.count("Nobody can say") == 5
    assert page.count("distance") == 5
    assert 'aria-current="page">Labels' in page


def test_an_answer_becomes_a_label_and_the_next_one_is_shown(asked: tuple[Asker, Store, Worker]) -> None:
    asker, store, worker = asked
    name = first(store)
    done = asker.ask("POST", f"{PAGE}/{name}", data={"value": "1"})
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?said=answered")
    worker.step()
    assert store.labels.get("flights", [name])[name, "label"].value == "1"
    assert "Kept on disk" in asker.page(done.headers["location"]).text


def test_one_can_be_skipped(asked: tuple[Asker, Store, Worker]) -> None:
    asker, store, _ = asked
    done = asker.ask("POST", f"{PAGE}/{first(store)}", data={"skip": "yes"})
    assert done.headers["location"].endswith("said=skipped")
    assert "4 predictions wait" in asker.page(PAGE).text


@pytest.mark.parametrize(("data", "told"), [({}, "Say what was true"), ({"value": "perhaps"}, "perhaps")])
def test_what_cannot_be_kept_is_told(asked: tuple[Asker, Store, Worker], data: dict[str, str], told: str) -> None:
    asker, store, _ = asked
    refused = asker.ask("POST", f"{PAGE}/{first(store)}", data=data)
    assert refused.status_code == 400
    assert told in refused.text
    assert asker.ask("POST", f"{PAGE}/nobody", data={"skip": "1"}).status_code == 400
    foreign = asker.ask("POST", f"{PAGE}/x", data={"skip": "1"}, headers={"origin": "http://elsewhere"})
    assert foreign.status_code == 403


def test_a_model_that_asks_nobody_says_how_to_begin(asker: Asker) -> None:
    page = asker.page("/models/delays/labels").text
    assert "asks nobody for labels" in page
    assert "watchkeeper labels delays --ask 20" in page
