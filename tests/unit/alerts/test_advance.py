"""A stream of judged windows: one alert per cause, told once, whatever is revised."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.alerts.findings import broken, moved, unusual
from watchkeeper.alerts.advance import Advance, Judged, Notice, NoticeKind, advance
from watchkeeper.alerts.alert import Alert
from watchkeeper.alerts.cause import Cause
from watchkeeper.alerts.policy import AlertPolicy
from watchkeeper.alerts.table import State
from watchkeeper.detectors.finding import Finding

HOUR = 3600
POLICY = AlertPolicy()


class Book:
    """What a store does: keeps the alerts by id, hands out the newest of each fingerprint, collects the notices."""

    def __init__(self, policy: AlertPolicy = POLICY) -> None:
        self.policy = policy
        self.alerts: dict[str, Alert] = {}
        self.notices: list[Notice] = []

    def judge(self, hour: int, *findings: Finding) -> Advance:
        window = Judged(model="late", version="v1", start=hour * HOUR, end=(hour + 1) * HOUR, findings=findings)
        newest = {alert.fingerprint: alert for alert in sorted(self.alerts.values(), key=lambda alert: alert.onset)}
        result = advance(newest.values(), window, self.policy)
        self.alerts |= {alert.id: Alert.from_json(alert.to_json()) for alert in result.alerts}
        self.notices += result.notices
        return result

    def told(self) -> list[tuple[str, str]]:
        return [(notice.kind.value, notice.alert.subject) for notice in self.notices]

    def one(self) -> Alert:
        (alert,) = self.alerts.values()
        return alert


def test_a_quiet_window_changes_nothing() -> None:
    assert Book().judge(0, broken("age", "."), unusual("age", "."), moved("age")) == Advance()


def test_a_hard_break_fires_at_once_and_says_what_a_person_needs() -> None:
    book = Book()
    book.judge(0, broken("age", "."))
    result = book.judge(1, broken("age"), unusual("age"))
    alert = book.one()
    assert [notice.kind for notice in result.notices] == [NoticeKind.FIRING]
    assert (alert.state, alert.cause, alert.features) == (State.FIRING, Cause.MISSING, ("age",))
    assert (alert.onset, alert.detected, alert.updated) == (HOUR, 2 * HOUR, 2 * HOUR)
    assert alert.size is not None
    assert (alert.size.effect, alert.size.n) == (0.3, 1000)
    assert alert.title == "late v1: missing values in age"
    assert alert.summary == "age went wrong."
    assert alert.next_step


def test_a_soft_one_waits_and_keeps_its_onset() -> None:
    book = Book()
    book.judge(0, unusual("age"))
    assert book.one().state is State.PENDING
    assert book.notices == []
    book.judge(1, unusual("age"))
    assert (book.one().state, book.one().onset, book.one().detected) == (State.FIRING, 0, 2 * HOUR)


def test_a_soft_one_that_passes_tells_nobody() -> None:
    book = Book()
    book.judge(0, unusual("age"))
    book.judge(1, unusual("age", "."))
    assert book.one().state is State.INACTIVE
    assert book.notices == []


def test_it_resolves_after_enough_quiet_windows() -> None:
    book = Book()
    for hour, verdict in enumerate("AA.."):
        book.judge(hour, broken("age", verdict))
    assert book.told() == [("firing", "input.age"), ("resolved", "input.age")]
    assert (book.one().state, book.one().ended) == (State.RESOLVED, 4 * HOUR)


def test_missing_evidence_is_not_well() -> None:
    book = Book()
    book.judge(0, broken("age"))
    for hour in (1, 2, 3):
        book.judge(hour)
    assert book.one().state is State.NO_DATA
    assert len(book.notices) == 1


def test_the_same_cause_later_is_a_new_alert_with_the_same_fingerprint() -> None:
    book = Book()
    for hour, verdict in enumerate("A...A"):
        book.judge(hour, broken("age", verdict))
    first, second = book.alerts.values()
    assert first.fingerprint == second.fingerprint
    assert (first.state, second.state) == (State.RESOLVED, State.FIRING)
    assert [kind for kind, _ in book.told()] == ["firing", "resolved", "firing"]


def test_judging_a_window_again_changes_nothing() -> None:
    book = Book()
    book.judge(0, broken("age"))
    assert book.judge(0, broken("age")) == Advance()


def test_a_revised_verdict_is_marked_and_never_pages_twice() -> None:
    book = Book()
    book.judge(0, broken("age"))
    book.judge(0, broken("age", "."))
    assert book.one().state is State.INACTIVE
    assert book.one().revised
    book.judge(0, broken("age"))
    assert book.one().state is State.FIRING
    assert [kind for kind, _ in book.told()] == ["firing", "resolved"]


def test_a_revision_may_page_for_the_first_time() -> None:
    book = Book()
    for hour, verdict in enumerate("A.A"):
        book.judge(hour, unusual("age", verdict))
    assert book.notices == []
    for alert in list(book.alerts.values()):
        assert alert.state in (State.INACTIVE, State.PENDING)
    book.judge(1, unusual("age"))
    assert [kind for kind, _ in book.told()] == ["firing"]


def test_a_broken_source_is_one_alert() -> None:
    book = Book()
    book.judge(0, *(broken(name) for name in "abcd"))
    assert book.one().features == tuple("abcd")
    assert book.one().title == "late v1: 4 features went missing at once"
    assert len(book.notices) == 1
    book.judge(1, *(broken(name) for name in "abcde"))
    assert book.one().features == tuple("abcde")
    assert len(book.notices) == 1


def test_a_lesser_sign_opens_nothing_while_the_graver_alert_is_open() -> None:
    book = Book()
    book.judge(0, broken("age"), unusual("age"))
    for hour in (1, 2, 3):
        book.judge(hour, broken("age", "."), unusual("age"))
    assert book.one().state is State.FIRING
    for hour in (4, 5):
        book.judge(hour, broken("age", "."), unusual("age", "."))
    assert book.one().state is State.RESOLVED


def test_the_worst_size_is_kept() -> None:
    book = Book()
    for hour, effect in enumerate((0.2, 0.9, 0.3)):
        book.judge(hour, broken("age", effect=effect))
    alert = book.one()
    assert alert.size is not None
    assert alert.worst is not None
    assert (alert.size.effect, alert.worst.effect) == (0.3, 0.9)


def test_an_older_window_does_not_overwrite_the_newest_size() -> None:
    book = Book()
    book.judge(0, broken("age", effect=0.1))
    book.judge(1, broken("age", effect=0.5))
    book.judge(0, broken("age", effect=0.2))
    size = book.one().size
    assert size is not None
    assert size.effect == 0.5


@pytest.mark.parametrize("verdict", ["A", "w", ".", "?"])
def test_notices_have_the_same_id_on_a_replay(verdict: str) -> None:
    books = [Book(), Book()]
    for book in books:
        for hour, letter in enumerate("A" + verdict + ".."):
            book.judge(hour, broken("age", letter))
    assert [notice.id for notice in books[0].notices] == [notice.id for notice in books[1].notices]


@given(st.text(alphabet="Aw.?", min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_nobody_is_told_the_same_twice(signals: str, rng: random.Random) -> None:
    book = Book()
    windows = list(enumerate(signals)) * 3
    rng.shuffle(windows)
    for hour, letter in windows:
        book.judge(hour, broken("age", letter))
    ids = [notice.id for notice in book.notices]
    assert len(ids) == len(set(ids))
    revised = {kind for kind, _ in book.told()}
    assert revised <= {"firing", "resolved"}
