from __future__ import annotations

from pathlib import Path

from tests.helpers.seed import DAY, NOW, START, Seed, seeded_store
from watchkeeper.api.context import Context
from watchkeeper.api.models import model, models, version, versions
from watchkeeper.events.verdict import Verdict


def test_a_model_that_alarms_says_what_to_look_at(context: Context) -> None:
    (view,) = models(context)
    assert view == model(context, "delays")
    assert view.state is Verdict.ALARM
    assert "`carrier`" in view.now
    assert view.alert is not None
    assert "carrier" in view.alert.title
    assert view.firing == 2
    assert view.rows == 12000
    assert len(view.traffic) == 30
    assert view.last_window is not None
    assert view.last_window.start == START + 29 * DAY


def test_no_model_is_an_empty_list(empty: Context) -> None:
    assert models(empty) == []


def test_versions(context: Context) -> None:
    (only,) = versions(context, "delays")
    assert only == version(context, "delays", "v7")
    assert only.live
    assert only.features == 12
    assert only.rows == 12000


def test_each_stage_of_a_model_says_what_comes_next(tmp_path: Path) -> None:
    seeds = (Seed(model="a-new", days=0), Seed(model="b-calm", days=9, rows=100), Seed(model="c-thin", days=1, rows=20))
    store = seeded_store(tmp_path, *seeds)
    views = {view.name: view for view in models(Context(store, now=lambda: NOW))}
    store.close()
    assert "first prediction" in views["a-new"].now
    assert views["a-new"].state is Verdict.NOT_ENOUGH_DATA
    assert views["b-calm"].now
    assert views["c-thin"].state is Verdict.NOT_ENOUGH_DATA
    assert "too few to judge" in views["c-thin"].now
