"""Labels are asked for as windows close, and more of them where the first leave doubt."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import msgspec
import numpy as np
import pytest
import sqlalchemy as sa

from tests.helpers.feedback import item, sent
from tests.helpers.scored import reach
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, watched_store
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.monitors.asking import DOUBT, ROUTINE
from watchkeeper.store import kept_windows
from watchkeeper.store.buckets import Source
from watchkeeper.store.label_requests import Asked
from watchkeeper.store.scored_windows import ScoredWindow, scored_windows
from watchkeeper.store.store import Store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.asking import BACK, Asking
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.worker import Worker

DAYS, LABELLED, ROWS = 15, 12, 120
SETTINGS = ModelSettings(
    bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600, ask_labels=20, label_deadline_seconds=2 * DAY
)


class Site:
    """A store, its worker, and the truth that only people know."""

    def __init__(self, folder: Path, settings: ModelSettings = SETTINGS) -> None:
        self.store: Store = watched_store(folder, settings=settings)
        self.clock = FakeClock(START + DAYS * float(DAY))
        self.journal = MemoryJournal()
        self.worker = Worker(self.store, self.journal, clock=self.clock)
        self.scores: dict[str, float] = {}
        for day in range(DAYS):
            self._day(day)
        self.keep()

    def _day(self, day: int) -> None:
        rng, seconds = np.random.default_rng(day), START + day * DAY + np.arange(ROWS) * 600
        rows = batch(seconds, seed=day)
        scores = rows.column("output.probability").to_numpy()
        names = rows.column("prediction_id").to_pylist()
        self.scores |= dict(zip(names, scores.tolist(), strict=True))
        self.journal.append([entry(rows)])
        if day < LABELLED:
            truth = (scores > 0.5) ^ (rng.random(ROWS) < 0.1 + 0.06 * np.sin(day))
            found = [item(name, float(truth[k]), at=seconds[k] + 3600.0) for k, name in enumerate(names)]
            self.journal.append([sent(*found)])

    def keep(self) -> None:
        while self.worker.step().entries:
            pass

    def answer(self, *, wrong: float, but: float = 0.0) -> None:
        """Everything that is asked `but` for a share of each window; a share of the answers goes against the score."""
        found = self.store.label_requests.find("flights", Asked.OPEN)
        for k, request in enumerate(one for place, one in enumerate(found) if place % 20 >= 20 * but):
            truth = (self.scores[request.prediction_id] > 0.5) ^ (k % 20 < 20 * wrong)
            self.journal.append(
                [sent(item(request.prediction_id, float(truth), at=self.clock.now, probability=request.probability))]
            )
        self.keep()

    def asking(self) -> Asking:
        return Asking(self.store, Registry(self.store), clock=self.clock)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.worker.close()
    made.store.close()


def test_twenty_random_rows_of_each_closed_window_are_asked_for(site: Site) -> None:
    made = site.asking().run()
    requests = site.store.label_requests.find("flights")
    closed = {request.window_start for request in requests}
    assert made == len(requests) == 20 * len(closed)
    assert 1 <= len(closed) <= BACK
    assert all(request.probability == pytest.approx(20 / ROWS) for request in requests)
    assert {request.reason for request in requests} == {ROUTINE}
    assert all(request.deadline == site.clock.now + 2 * DAY for request in requests)


def test_asking_again_asks_for_the_same(site: Site) -> None:
    site.asking().run()
    before = site.store.label_requests.find("flights")
    assert site.asking().run() == 0
    assert site.store.label_requests.find("flights") == before


def test_doubt_asks_for_more_and_certainty_does_not(site: Site) -> None:
    site.asking().run()
    site.answer(wrong=0.25)
    assert site.asking().run() > 0
    further = [request for request in site.store.label_requests.find("flights") if request.reason == DOUBT]
    assert further
    assert further[0].probability == pytest.approx(80 / 100)
    assert "leave open" in further[0].why
    assert site.store.label_requests.counts("flights")[Asked.ANSWERED] >= 20


@pytest.mark.parametrize(("but", "asks"), [(0.2, True), (0.5, False)])
def test_a_few_that_wait_on_keep_no_window_from_being_asked_again(site: Site, but: float, asks: bool) -> None:
    site.asking().run()
    site.answer(wrong=0.25, but=but)
    assert (site.asking().run() > 0) == asks


def test_requests_expire_when_asking_was_switched_off(site: Site) -> None:
    site.asking().run()
    site.store.versions.set_settings("flights", msgspec.structs.replace(SETTINGS, ask_labels=0))
    site.clock.now += 3 * DAY
    site.asking().run()
    assert Asked.OPEN not in site.store.label_requests.counts("flights")


def test_answers_that_leave_no_doubt_end_it(site: Site) -> None:
    site.asking().run()
    site.answer(wrong=0.0)
    assert site.asking().run() == 0


def test_requests_that_nobody_answers_expire(site: Site) -> None:
    site.asking().run()
    waiting = {request.prediction_id for request in site.store.label_requests.find("flights", Asked.OPEN)}
    site.clock.now += 3 * DAY
    site.asking().run()
    assert waiting
    assert waiting == {request.prediction_id for request in site.store.label_requests.find("flights", Asked.EXPIRED)}


def test_nothing_is_asked_unless_it_is_switched_on(tmp_path: Path) -> None:
    quiet = ModelSettings(bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600)
    site = Site(tmp_path, quiet)
    assert site.asking().run() == 0
    assert site.store.label_requests.find("flights") == []
    site.worker.close()
    site.store.close()


def test_a_pass_over_many_models_pauses_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models = ("a", "b", "c")
    store, ticks = watched_store(tmp_path, *models, settings=SETTINGS), count()
    for model in models:
        reach(store, 1, model)
    asking = Asking(store, Registry(store), clock=lambda: START + 3 * DAY + 0.4 * next(ticks))
    seen: list[str] = []
    monkeypatch.setattr(store.label_requests, "settle", lambda model, _: seen.append(model))
    asking.due()
    assert 0 < len(set(seen)) < 3
    for _ in models:
        asking.due()
    assert list(dict.fromkeys(seen)) == ["a", "b", "c"]
    store.close()


def test_windows_in_which_no_label_came_are_not_read_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asking = site.asking()
    asking.run()
    site.answer(wrong=0.0)
    read: list[int] = []

    def reading(connection: sa.Connection, source: Source, starts: list[int], width: int) -> dict[int, ScoredWindow]:
        read.extend(starts)
        return scored_windows(connection, source, starts, width)

    monkeypatch.setattr(kept_windows, "scored_windows", reading)
    asking.run()
    assert len(read) > LABELLED
    read.clear()
    asking.run()
    assert read == []
