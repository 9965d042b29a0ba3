"""What is expected of a window, and the finding on it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.helpers.calibrated import ROWS, by_small_turns, fill
from tests.helpers.watching import DAY, START, watched_store
from tests.unit.watch.test_teaching import reference
from watchkeeper.detectors.finding import Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.performance.metric import untold
from watchkeeper.store.estimates import Estimate
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.watch.expecting import NO_SCORES, Expecting, Whose

DAYS, WHOSE = 20, Whose(model="flights", version="1", task="binary")


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelledWindows]:
    """Days of easy and hard scores by turns; on the last ones all are hard."""
    store = watched_store(Path(tmp_path_factory.mktemp("expected")))
    fill(store, range(DAYS), shape=lambda day: 20.0 if day >= 18 else by_small_turns(day))
    yield labelled_windows(store.performance, ("flights", "1"), (START, START + DAYS * DAY), DAY, said=True)
    store.close()


def test_a_record_is_made_as_windows_go_by(windows: LabelledWindows) -> None:
    expecting = Expecting(WHOSE, windows, [])
    found = {}
    for day in range(8, DAYS):
        start = START + day * DAY
        assert not expecting.done(start)
        (made,) = expecting.estimate(start, now=5.0)
        assert expecting.done(start)
        assert (made.start, made.end, made.method, made.made_at) == (start, start + DAY, "confidence", 5.0)
        found[day] = expecting.finding(start)
    first, last = found[8], found[19]
    assert first is not None
    assert last is not None
    assert first.statement is last.statement is Statement.ESTIMATED
    assert first.column == "performance.error"
    assert (first.verdict, last.verdict) == (Verdict.OK, Verdict.ALARM)
    assert "no record yet" in first.note
    assert last.n == ROWS
    assert last.effect == pytest.approx(0.44 - 0.18, abs=0.06)


def test_the_reference_teaches_the_first_windows(windows: LabelledWindows) -> None:
    expecting = Expecting(dataclasses.replace(WHOSE, reference=reference()), windows, [])
    (made,) = expecting.estimate(START, now=0.0)
    assert made.metrics["accuracy"].value == pytest.approx(0.87, abs=0.03)
    assert "labelled reference" in made.note
    assert made.usual["accuracy"] == pytest.approx(0.75, abs=0.03)


def test_why_there_is_none_is_told_once(windows: LabelledWindows) -> None:
    expecting = Expecting(WHOSE, windows, [])
    (none,) = expecting.estimate(START, now=0.0)
    assert none.metrics == {}
    assert "fewer than 8 windows" in none.note
    assert expecting.estimate(START, now=1.0) == []
    assert Expecting(WHOSE, windows, [none]).estimate(START, now=1.0) == []
    assert expecting.finding(START) is None
    (empty,) = expecting.estimate(START + 30 * DAY, now=0.0)
    assert empty.note == NO_SCORES


def test_what_was_estimated_is_never_lost_for_a_reason(windows: LabelledWindows) -> None:
    kept = Estimate(
        model="flights", version="1", start=START, end=START + DAY, method="confidence",
        metrics=Expecting(WHOSE, windows, []).estimate(START + 9 * DAY, now=0.0)[0].metrics, usual={}, taught=(8, 2000),
        made_at=0.0,
    )  # fmt: skip
    assert Expecting(WHOSE, windows, [kept]).estimate(START, now=1.0) == []


def test_a_method_that_refuses_leaves_the_word_to_the_other(windows: LabelledWindows) -> None:
    start = START + 9 * DAY
    (said,) = Expecting(WHOSE, windows, []).estimate(start, now=0.0)
    refused = replace(said, method="refuses", metrics={"accuracy": untold("too few rows are like these", ROWS)})
    found = Expecting(WHOSE, windows, [refused, said]).finding(start)
    assert found is not None
    assert found.detector == "confidence"
    alone = Expecting(WHOSE, windows, [refused]).finding(start)
    assert alone is not None
    assert (alone.detector, alone.verdict) == ("refuses", Verdict.NOT_ENOUGH_DATA)
