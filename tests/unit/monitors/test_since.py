from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from tests.unit.monitors.streams import DAY, day, reference, tallies
from watchkeeper.detectors.finding import Finding, Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.judge import Judge
from watchkeeper.monitors.onset import Kind, Onset, onset
from watchkeeper.monitors.policy import Policy
from watchkeeper.monitors.since import annotate, drift_onset, onset_of, since_words, with_onset

AFTER = 40 * DAY


def dearer(rng: np.random.Generator, price: Any) -> Any:
    return price * 1.6


def annotated(changed: int) -> list[Finding]:
    """What is said on the last of ten days, of which the last `changed` were dearer."""
    rng = np.random.default_rng(5)
    judge = Judge(reference(rng), Policy())
    days = [day(rng, price=dearer) if k >= 10 - changed else day(rng) for k in range(10)]
    windows, starts = tallies(judge.baseline.reference, days), AFTER + DAY * np.arange(10)
    history = judge.begin(AFTER)
    for k in range(9):
        verdicts = judge.judge(windows[k : k + 1], history, starts[k : k + 1])
        history = judge.follow(history, windows[k : k + 1], verdicts, starts[k : k + 1])
    (verdict,) = judge.judge(windows[9:], history, starts[9:])
    return list(annotate(verdict.findings, judge.baseline, history, windows[9], int(starts[9])))


@pytest.mark.parametrize("changed", [1, 4])
def test_findings_say_since_when(changed: int) -> None:
    price = [f for f in annotated(changed) if f.column == "input.price"]
    told = {f.statement: f for f in price if f.verdict in (Verdict.ALARM, Verdict.WARN)}
    assert {Statement.UNUSUAL, Statement.MOVED} <= set(told)
    for finding in told.values():
        assert finding.onset == AFTER + DAY * (10 - changed)
        assert (finding.onset_low or 0) <= finding.onset <= (finding.onset_high or 0)
        assert not finding.gradual
        assert "It began at 1970-" in finding.sentence


def test_what_is_well_has_no_onset() -> None:
    assert all(f.onset is None for f in annotated(4) if f.verdict not in (Verdict.ALARM, Verdict.WARN))


def test_the_onset_of_a_series_of_means() -> None:
    rng = np.random.default_rng(2)
    means = rng.normal(0, 0.05, (30, 2))
    means[24:, 1] -= 0.2
    rows, ordinary = np.full((30, 2), 1e6), np.arange(30) < 24
    found = drift_onset(means, rows, np.ones(2), ordinary)
    assert found is not None
    assert found.index == 24
    assert drift_onset(means, rows, np.ones(2), np.arange(30) < 7) is None
    assert onset_of(np.array([[0.0, 0.0], [0.0, -9.0]])).index == 1


def test_words() -> None:
    starts = DAY * np.arange(10)
    assert since_words(Onset(3, 3, 3, Kind.ABRUPT, 3), starts) == "It began at 1970-01-04 00:00 UTC."
    assert "from 1970-01-02 00:00 UTC at the earliest" in since_words(Onset(3, 1, 4, Kind.ABRUPT, 3), starts)
    assert "gradually, and had begun by" in since_words(Onset(3, None, None, Kind.RAMP, 3), starts)
    assert "perhaps before" in since_words(Onset(1, 0, 4, Kind.ABRUPT, 3), starts)


def test_a_gradual_change_has_no_interval() -> None:
    plain = Finding(feature="a", detector="location", verdict=Verdict.ALARM, sentence="It moved.")
    found = with_onset(plain, Onset(3, None, None, Kind.RAMP, 3), DAY * np.arange(10))
    assert (found.onset, found.onset_low, found.onset_high, found.gradual) == (3 * DAY, None, None, True)
    assert (
        with_onset(
            msgspec.structs.replace(plain, sentence=""), Onset(3, 3, 3, Kind.ABRUPT, 3), DAY * np.arange(10)
        ).sentence
        == ""
    )


def test_a_change_in_all_that_is_remembered_is_not_said_to_be_older_than_its_first_window() -> None:
    said = since_words(onset(np.array([4.0])), np.array([9 * DAY]))
    assert said == "It had begun by 1970-01-10 00:00 UTC, perhaps before anything that is remembered."
