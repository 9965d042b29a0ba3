"""People are asked for labels, and their answers count for the predictions that were not drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.watching import DAY, START, batch, entry, watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.label_requests import answer, label_requests, skip
from watchkeeper.events.errors import BadInput, NotFound, Unavailable
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.store.label_requests import Asked
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.asking import Asking
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.worker import Worker

SETTINGS = ModelSettings(bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600, ask_labels=5)
NOW = START + 1.5 * DAY


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[tuple[Context, Worker]]:
    store, journal = watched_store(tmp_path, settings=SETTINGS), MemoryJournal()
    for day in range(2):
        journal.append([entry(batch(START + day * DAY + np.arange(40) * 900, seed=day))])
    worker = Worker(store, journal, clock=lambda: NOW)
    worker.step()
    Asking(store, Registry(store), clock=lambda: NOW).run()
    yield Context(store, now=lambda: NOW, journal=journal), worker
    worker.close()
    store.close()


def test_the_queue_shows_what_a_person_must_know(asked: tuple[Context, Worker]) -> None:
    view = label_requests(asked[0], "flights")
    assert view.counts == {"open": 5}
    assert view.ask_labels == 5
    assert view.classes == ("0", "1")
    assert "8 are needed" in view.buys
    first = view.requests[0]
    assert first.inputs.keys() == {"distance", "hour", "carrier", "weekend"}
    assert "probability" in first.outputs
    assert first.probability == pytest.approx(5 / 40)
    assert first.deadline == NOW + 2 * DAY
    assert first.why


def test_an_answer_becomes_a_label_with_its_weight(asked: tuple[Context, Worker]) -> None:
    context, worker = asked
    name = label_requests(context, "flights").requests[0].prediction_id
    answer(context, "flights", name, "1", "desk")
    answer(context, "flights", name, "1", "desk")
    worker.step()
    label = context.store.labels.get("flights", [name])[name, "label"]
    assert (label.value, label.source, label.revision) == ("1", "desk", 1)
    assert label.probability == pytest.approx(5 / 40)
    Asking(context.store, Registry(context.store), clock=lambda: NOW).run()
    assert label_requests(context, "flights").counts == {"answered": 1, "open": 4}
    with pytest.raises(BadInput, match="answered"):
        answer(context, "flights", name, "0")


def test_a_request_can_be_skipped_once(asked: tuple[Context, Worker]) -> None:
    context, _ = asked
    name = label_requests(context, "flights").requests[0].prediction_id
    assert skip(context, "flights", name).state is Asked.SKIPPED
    with pytest.raises(BadInput, match="skipped"):
        skip(context, "flights", name)
    assert [one.prediction_id for one in label_requests(context, "flights", Asked.SKIPPED).requests] == [name]


def test_what_is_no_answer_is_refused(asked: tuple[Context, Worker]) -> None:
    context, _ = asked
    name = label_requests(context, "flights").requests[0].prediction_id
    with pytest.raises(BadInput, match="none of the model's classes"):
        answer(context, "flights", name, "perhaps")
    with pytest.raises(NotFound):
        answer(context, "flights", "nobody", "1")
    with pytest.raises(Unavailable):
        answer(Context(context.store, now=lambda: NOW), "flights", name, "1")
