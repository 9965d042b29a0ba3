"""What became of feedback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.helpers.feedback import item, sent
from tests.helpers.watching import START, batch, entry, watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.labels import labels, said_by
from watchkeeper.events.errors import NotFound
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.watch.worker import Worker


@pytest.fixture
def labelled(tmp_path: Path) -> Iterator[Context]:
    store, journal = watched_store(tmp_path), MemoryJournal()
    rows = batch([START] * 200)
    names = rows.column("prediction_id").to_pylist()
    journal.append([entry(rows), sent(*(item(name, 1.0, source="claims", at=START + 60.0) for name in names[:150]))])
    journal.append([sent(item(names[0], 0.0, source="desk"), item("unknown", 1.0, source="desk"))])
    worker = Worker(store, journal, clock=lambda: float(START))
    while worker.step().entries:
        pass
    worker.close()
    store.losses.add({("flights", "feedback_not_a_label"): 3, ("flights", "buffer_full"): 1})
    yield Context(store, now=lambda: START + 100.0)
    store.close()


def test_feedback_is_told_by_outcome_and_source(labelled: Context) -> None:
    view = labels(labelled, "flights")
    assert {line.outcome: line.count for line in view.outcomes} == {"joined": 150, "conflicting": 1, "parked": 1}
    assert all(line.policy for line in view.outcomes)
    assert (view.labels, view.parked, view.refused) == (150, 1, {"feedback_not_a_label": 3})
    assert [(source.source, source.count) for source in view.sources] == [("claims", 150), ("desk", 2)]
    assert 60 <= view.delays["0.5"] < 90
    assert [(one.within, one.share) for one in view.delay_curve] == [(view.delays["0.5"], 1.0)]
    assert "99% of the feedback in this time came from claims" in view.notes[0]


def test_a_reward_is_no_label(labelled: Context) -> None:
    names = said_by(labelled, "flights", "claims").predictions
    known = labelled.store.labels.get("flights", names[:20]).values()
    labelled.store.labels.put("flights", [msgspec.structs.replace(one, kind="reward") for one in known])
    assert labels(labelled, "flights").labels == 150


def test_sources_are_those_of_the_time_asked_for(labelled: Context) -> None:
    assert labels(labelled, "flights", start="0", end="7200").sources == ()
    assert labels(labelled, "flights", start="0", end="7200").labels == 150


def test_a_model_without_feedback(context: Context, empty: Context) -> None:
    with pytest.raises(NotFound):
        labels(empty, "nobody")
    assert labels(context, "delays").outcomes


def test_what_a_source_said_can_be_listed(labelled: Context) -> None:
    page = said_by(labelled, "flights", "claims").predictions
    assert len(page) == 150
    assert said_by(labelled, "flights", "claims", after=page[99]).predictions == page[100:]
    assert said_by(labelled, "flights", "claims", since=str(START + 61)).predictions == ()
    assert [one.prediction_id for one in said_by(labelled, "flights", "desk", waiting_after=0).waiting] == ["unknown"]
    with pytest.raises(NotFound):
        said_by(labelled, "nobody", "claims")
