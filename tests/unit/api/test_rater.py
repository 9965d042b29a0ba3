"""How the rater fares, as pages and programs are told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.helpers.watching import DAY, START, watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.health import health
from watchkeeper.api.rater import rater_of
from watchkeeper.monitors.rating import RaterFigures
from watchkeeper.store.heartbeats import Heartbeat
from watchkeeper.store.label_requests import LabelRequest
from watchkeeper.store.labels import Label

NOW = START + 10.0 * DAY


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    store = watched_store(tmp_path)
    yield Context(store, now=lambda: NOW)
    store.close()


def beat(context: Context, at: float = NOW - 2, **figures: Any) -> None:
    made = RaterFigures(how="the program rate.py", check=0.05, sees_answer=False, **figures)
    stats = msgspec.structs.asdict(made) | {"cpu_seconds": 1.0}
    context.store.heartbeats.beat(Heartbeat(process="rater", pid=1, at=at, started_at=0.0, stats=stats))


def test_there_is_none_where_none_runs_or_it_has_other_models(context: Context) -> None:
    version = context.version("flights")
    assert rater_of(context, version) is None
    beat(context, models=("other",))
    assert rater_of(context, version) is None
    beat(context, models=("other", "flights"))
    assert rater_of(context, version) is not None


@pytest.mark.parametrize(
    ("figures", "ok", "words"),
    [
        ({}, True, "The rater (the program rate.py) labels"),
        (
            {"failures": 1, "error": "It broke.", "resume_at": NOW + 8},
            True,
            "failed once: It broke. It is asked again in 8 s.",
        ),
        ({"failures": 5, "error": "It broke."}, False, "failed 5 times in a row"),
        ({"at": NOW - 60}, False, "no sign of life"),
    ],
)
def test_how_it_fares_is_said_and_found_in_health(
    context: Context, figures: dict[str, Any], ok: bool, words: str
) -> None:
    beat(context, **figures)
    found = rater_of(context, context.version("flights"))
    assert found is not None
    assert found.ok == ok
    assert words in found.words
    assert any("rater" in problem for problem in health(context).problems) != ok


def test_it_is_held_against_people_and_not_against_itself(context: Context) -> None:
    beat(context)
    people = {"a": ("1", "1", "desk"), "b": ("0", "1", None), "c": ("1", "1", "rater")}
    requests = [
        LabelRequest(
            prediction_id=name, version="1", window_start=START, window_end=START + DAY, rows=9, probability=0.5,
            reason="routine", why="", asked_at=NOW, deadline=NOW + DAY, changed_at=NOW,
        )
        for name in people
    ]  # fmt: skip
    context.store.label_requests.add("flights", requests)
    for name, (said, truth, who) in people.items():
        for kind, text, source in (("opinion", said, "rater"), ("label", truth, who)):
            label = Label(
                prediction_id=name, kind=kind, text=text, event_time=1, arrived_at=1, source=source, version="1",
                route="live", predicted_at=1,
            )  # fmt: skip
            context.store.labels.put("flights", [label])
    found = rater_of(context, context.version("flights"))
    assert found is not None
    assert (found.agreement.n, found.agreement.share and found.agreement.share.value) == (2, 0.5)
