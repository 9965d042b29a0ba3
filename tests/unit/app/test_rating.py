"""A rater is asked, and its answers become labels that count as they should; what it does wrong harms nothing."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers import raters
from tests.helpers.feedback import item, sent
from tests.helpers.watching import DAY, START, FakeClock, batch, entry, watched_store
from watchkeeper.api.context import Context
from watchkeeper.api.label_requests import label_requests
from watchkeeper.app.rating import Rating, RatingPlan
from watchkeeper.events.outcomes import Outcome
from watchkeeper.journal.memory import MemoryJournal
from watchkeeper.monitors.rating import is_for_people
from watchkeeper.notify import command
from watchkeeper.notify.command import Command
from watchkeeper.notify.delivery import RetryPolicy
from watchkeeper.performance.metrics import basis_of
from watchkeeper.store.label_requests import Asked
from watchkeeper.store.labelled import labelled_windows
from watchkeeper.store.query import Record
from watchkeeper.store.versions import ModelSettings
from watchkeeper.watch.asking import Asking
from watchkeeper.watch.registry import Registry
from watchkeeper.watch.worker import Worker

ROWS, FIRST = 80, 20
SETTINGS = ModelSettings(bucket_seconds=3600, window_seconds=DAY, lateness_seconds=600, ask_labels=FIRST)
AT_ONCE = RetryPolicy(first=0.0, tries=1 << 30)


class Site:
    """Twenty of eighty predictions are asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store, self.journal = watched_store(folder / "data", settings=SETTINGS), MemoryJournal()
        self.clock = FakeClock(START + 1.5 * DAY)
        self.worker = Worker(self.store, self.journal, clock=self.clock)
        for day in range(2):
            self.journal.append([entry(batch(START + day * DAY + np.arange(ROWS) * 900, seed=day))])
        self.keep()
        self.context = Context(self.store, now=self.clock, journal=self.journal)

    def keep(self) -> None:
        """Everything that waits in the journal, then what is asked and answered."""
        while self.worker.step().entries:
            pass
        Asking(self.store, Registry(self.store), clock=self.clock).run()

    def rating(self, code: str, *, timeout: float = 60, **plan: object) -> Rating:
        words = (str(raters.program(self.folder, code)),)
        made = RatingPlan(**({"how": "a test", "check": 0.0, "pauses": AT_ONCE} | plan))  # type: ignore[arg-type]
        return Rating(self.context, self.journal, Command(words, timeout=timeout), made)

    def asked(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.folder / "rate.py.asked").read_text().splitlines()]

    def states(self) -> dict[str, int]:
        return {state.value: number for state, number in self.store.label_requests.counts("flights").items()}

    def outcomes(self) -> dict[tuple[str, str], int]:
        found = self.store.outcomes.between("flights", 0, self.clock.now + DAY)
        return {(line.kind, line.outcome): line.number for line in found if line.source == "rater"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.worker.close()
    made.store.close()


def finish(rating: Rating, most: int = 60) -> int:
    return next(turns for turns in range(most) if not rating.turn())


def test_from_asked_to_counted_with_the_right_weights(site: Site) -> None:
    rating = site.rating(raters.BY_DISTANCE, batch=8)
    assert finish(rating) == 3
    assert (rating.figures().asked, rating.figures().labels, rating.figures().refused) == (20, 20, 0)
    sheets = site.asked()
    assert [len(sheet["requests"]) for sheet in sheets] == [8, 8, 4]  # type: ignore[arg-type]
    assert sheets[0].keys() == {"model", "task", "classes", "requests"}
    assert (sheets[0]["task"], sheets[0]["classes"]) == ("binary", ["0", "1"])
    assert sheets[0]["requests"][0].keys() == {"prediction_id", "inputs", "why", "deadline"}  # type: ignore[index]
    site.keep()
    assert site.states() == {"answered": FIRST}
    assert site.outcomes() == {("label", Outcome.JOINED): FIRST}
    requests = site.store.label_requests.find("flights")
    labels = site.store.labels.get("flights", [one.prediction_id for one in requests])
    assert {label.source for label in labels.values()} == {"rater"}
    assert all(label.probability == pytest.approx(FIRST / ROWS) for label in labels.values())
    for one in requests:
        record = site.store.queries.get("flights", one.prediction_id)
        assert labels[one.prediction_id, "label"].value == str(int(record.inputs["distance"] > 1500))
    found = labelled_windows(site.store.performance, ("flights", "1"), (START, START + 2 * DAY), DAY)
    assert found.layout is not None
    (counts,) = [counts for start in found.starts if (counts := found.at(start).counts) is not None]
    basis = basis_of(found.layout, counts)
    assert [basis.rows, basis.weight] == pytest.approx([FIRST, ROWS])


def test_the_model_s_answer_is_shown_only_where_that_is_wanted(site: Site) -> None:
    site.rating(raters.BY_DISTANCE, sees_answer=True).turn()
    assert "probability" in site.asked()[0]["requests"][0]["output"]  # type: ignore[index]


def test_what_was_given_is_not_asked_again_and_a_restart_changes_nothing(site: Site) -> None:
    rating = site.rating(raters.BY_DISTANCE)
    assert finish(rating) == 1
    assert finish(site.rating(raters.BY_DISTANCE)) == 1  # it crashed before the journal was read
    before, after = site.asked()
    assert before == after
    site.keep()
    assert site.outcomes() == {("label", Outcome.JOINED): FIRST}
    assert site.store.losses.totals()["flights", "duplicate"] == FIRST
    assert finish(site.rating(raters.BY_DISTANCE)) == 0


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (raters.EXITS, "ended with status 1"),
        (raters.GARBAGE, "'I would be happy to label these!' is not the JSON"),
        (raters.SWELLS, "more than 1 MiB"),
        (raters.DIES, "ended by signal 9"),
        (raters.HANGS, "no answer within 1 s"),
        (raters.ALL_WRONG, "label 'perhaps' is none of the model's classes"),
        ("say([])", "says nothing"),
    ],
)
def test_a_rater_that_fails_labels_nothing_and_is_left_alone_for_a_while(
    site: Site, monkeypatch: pytest.MonkeyPatch, code: str, fault: str
) -> None:
    monkeypatch.setattr(command, "LARGEST_ANSWER", 1 << 20)
    rating = site.rating(
        code, pauses=RetryPolicy(first=8.0, cap=60.0, tries=99), timeout=1 if code == raters.HANGS else 60
    )
    assert rating.turn()
    assert fault in rating.circuit.error
    assert (rating.circuit.failures, rating.circuit.open) == (1, False)
    assert not rating.turn()
    site.clock.now = rating.circuit.resume_at + 1
    raters.program(site.folder, raters.BY_DISTANCE)
    while rating.turn():
        pass
    assert rating.circuit.failures == 0
    site.keep()
    assert site.states() == {"answered": FIRST}
    assert site.outcomes() == {("label", Outcome.JOINED): FIRST}


def test_it_stops_hammering_and_says_so(site: Site) -> None:
    rating = site.rating(raters.EXITS, pauses=RetryPolicy(first=8.0, cap=60.0, tries=99))
    for _ in range(5):
        assert rating.turn()
        site.clock.now = rating.circuit.resume_at
    assert rating.circuit.open
    assert rating.figures().failures == 5


def test_what_it_may_not_label_and_cannot_be_true_is_refused_and_counted(site: Site) -> None:
    site.store.labels.get("flights", [])
    rating = site.rating(raters.UNASKED)
    finish(rating)
    assert rating.figures().refused == 1
    site.keep()
    assert site.store.losses.totals()["flights", "feedback_not_asked"] == 1
    assert site.outcomes() == {("label", Outcome.JOINED): FIRST}
    assert site.store.labels.get("flights", ["p-000009-000001"]) == {}


@pytest.mark.parametrize(
    ("code", "refused", "why"),
    [
        (raters.WRONG_CLASS, 1, "The rater's answer cannot be used: label 'perhaps' is none of the model's classes"),
        (raters.SKIPS, 0, "The rater cannot say: blurred"),
    ],
)
def test_what_it_cannot_label_is_left_to_people(site: Site, code: str, refused: int, why: str) -> None:
    rating = site.rating(code)
    assert finish(rating) == 1
    site.keep()
    assert site.states() == {"answered": FIRST - 1, "left to people": 1}
    assert site.store.losses.totals().get(("flights", "feedback_not_a_label"), 0) == refused
    (left,) = label_requests(site.context, "flights").requests
    assert left.why.startswith(why)
    assert left.for_people
    assert finish(site.rating(code)) == 0


def test_one_that_it_passes_over_is_left_to_people_after_a_while(site: Site) -> None:
    rating = site.rating(raters.PASSES_OVER)
    for _ in range(8):
        rating.turn()
    site.keep()
    assert site.states() == {"answered": FIRST - 1, "left to people": 1}


def test_one_on_which_it_breaks_is_soon_alone_and_costs_the_others_nothing(site: Site) -> None:
    name = site.store.label_requests.find("flights", Asked.OPEN)[7].prediction_id
    rating = site.rating(raters.breaks_on(name))
    turns = 0
    while rating.turn() and not rating.circuit.open:
        turns += 1
    site.keep()
    assert turns < 20
    assert site.states()["answered"] == FIRST - 1
    last = site.store.label_requests.get("flights", name)
    assert last is not None
    assert last.state is Asked.LEFT


def test_a_share_is_left_to_people_and_rated_beside_them(site: Site) -> None:
    finish(site.rating(raters.BY_DISTANCE, check=0.4))
    requests = site.store.label_requests.find("flights")
    theirs = [one for one in requests if is_for_people(one.prediction_id, 0.4)]
    assert 2 <= len(theirs) <= 14
    site.keep()
    assert site.states() == {"answered": FIRST - len(theirs), "open": len(theirs)}
    assert site.outcomes() == {("label", Outcome.JOINED): FIRST - len(theirs), ("opinion", Outcome.JOINED): len(theirs)}
    assert finish(site.rating(raters.BY_DISTANCE, check=0.4)) == 0
    assert site.store.label_requests.opinions("flights", "rater") == []
    truth = [str(k % 2) for k in range(len(theirs))]
    said = zip(theirs, truth, strict=True)
    site.journal.append([sent(*(item(one.prediction_id, value, probability=one.probability) for one, value in said))])
    site.keep()
    pairs = dict(zip([one.prediction_id for one in theirs], truth, strict=True))
    opinions = site.store.label_requests.opinions("flights", "rater")
    assert [true for _, true in opinions] == [pairs[name] for name in sorted(pairs)]
    scored = site.store.performance.buckets("flights", "1", START, START + 2 * DAY)
    assert sum(bucket.rows for bucket in scored) == FIRST


def test_labels_that_were_taken_back_are_asked_for_again(site: Site) -> None:
    rating = site.rating(raters.BY_DISTANCE)
    finish(rating)
    site.keep()
    names = [one.prediction_id for one in site.store.label_requests.find("flights")]
    site.clock.now += 60
    site.journal.append([sent(*(item(name, "rater", "withdrawal", at=site.clock.now) for name in names))])
    site.keep()
    assert finish(rating) == 1
    site.keep()
    assert site.states() == {"answered": FIRST}
    assert all(label.value is not None for label in site.store.labels.get("flights", names).values())
    assert len(site.store.labels.get("flights", names)) == FIRST


def test_only_the_models_and_as_many_as_it_may_be_asked(site: Site) -> None:
    assert finish(site.rating(raters.BY_DISTANCE, models=("other",))) == 0
    rating = site.rating(raters.BY_DISTANCE, batch=5, per_hour=10)
    assert finish(rating) == 2
    assert rating.figures().limited
    site.clock.now += 1800
    assert finish(rating) == 1
    site.clock.now += 3600
    assert finish(rating) == 1
    assert not rating.figures().limited


def test_past_its_deadline_nothing_is_asked(site: Site) -> None:
    site.clock.now += 10 * DAY
    assert finish(site.rating(raters.BY_DISTANCE)) == 0


def test_expired_records_by_the_batch_are_passed_over_in_one_turn(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.store.records.expire("flights", 1 << 60)
    depths, get = [], site.store.queries.get

    def counted(model: str, name: str) -> Record:
        depths.append(len(traceback.extract_stack()))
        return get(model, name)

    monkeypatch.setattr(site.store.queries, "get", counted)
    assert finish(site.rating(raters.BY_DISTANCE, batch=1)) == 0
    assert len(depths) == FIRST
    assert len(set(depths)) == 1, "no deeper for each batch"
