"""No look at all versions waits for one of them; what is kept of windows says what the store says."""

from __future__ import annotations

from pathlib import Path

from tests.helpers.scored import label, predict, reach
from tests.helpers.watching import watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.performance import performance
from watchkeeper.api.standings import KEPT_SECONDS, Standings
from watchkeeper.store.store import Store

MODELS = ("a", "b", "c")
DAYS = 12


def labelled(folder: Path) -> tuple[Store, list[float]]:
    store = watched_store(folder, *MODELS)
    for model in MODELS:
        for day in range(DAYS):
            predict(store, day, model=model)
            label(store, day, model=model)
    return store, [max(reach(store, DAYS - 1, model) for model in MODELS)]


def test_without_time_one_version_is_looked_at_and_the_oldest_comes_first(tmp_path: Path) -> None:
    store, clock = labelled(tmp_path)
    standings = Standings(Context(store, now=lambda: clock[0]), work=0.0)
    seen = [[model for model, _ in standings.all()] for _ in range(4)]
    assert seen == [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c"]]
    before = standings.all()
    for model in MODELS:
        label(store, DAYS - 1, 0.9, model=model, seed=1)
    clock[0] += KEPT_SECONDS
    changed = [[of[0] for of, one in standings.all().items() if one != before[of]] for _ in range(3)]
    assert changed == [["a"], ["a", "b"], ["a", "b", "c"]]
    store.close()


def test_labels_of_every_route_are_in_it_and_late_ones_too(tmp_path: Path) -> None:
    store, clock = labelled(tmp_path)
    context = Context(store, now=lambda: clock[0])
    standings = Standings(context)
    for route in ("live", "canary"):
        predict(store, DAYS - 1, model="a", route=route)
        label(store, DAYS - 1, 0.6, model="a", route=route)
        clock[0] += KEPT_SECONDS
        view, standing = performance(context, "a"), standings.of("a", "1")
        newest = next(w for w in reversed(view.windows) if w.maturity.mature)
        assert (standing.metric, standing.end) == (newest.metrics[view.main], newest.end)
        assert (standing.coverage, standing.arrived) == (newest.maturity.coverage, view.windows[-1].maturity.arrived)
    store.close()
