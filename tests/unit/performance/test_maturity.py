"""Whether a window's labels can be believed."""

import numpy as np
import pytest

from watchkeeper.performance.delays import DelayLayout
from watchkeeper.performance.maturity import DAY, Learned, Maturity, learn, maturity

LAYOUT = DelayLayout.of(("0", "1"))
DAYS, ROWS = 40, 500
NOW = float(DAYS * DAY)


def history(days_of_one: float) -> tuple[Learned, list[int]]:
    """Daily windows: labels of 0 take 2 days, those of 1 `days_of_one`; a fifth never comes."""
    rng = np.random.default_rng(0)
    counts, labels = [], []
    for day in range(DAYS):
        at = (day + rng.random(ROWS)) * DAY
        truth = (rng.random(ROWS) < 0.3).astype(np.int64)
        delay = rng.exponential(np.where(truth == 1, days_of_one, 2.0) * DAY)
        come = (at + delay < NOW) & (rng.random(ROWS) < 0.8)
        counts.append(LAYOUT.tally(delay[come], truth[come]).counts)
        labels.append(int(come.sum()))
    ends = np.arange(1.0, DAYS + 1) * DAY
    return learn(LAYOUT, ends, np.full(DAYS, ROWS), np.stack(counts), NOW), labels


def judged(learned: Learned, day: int, labels: int) -> Maturity:
    return maturity(learned, start=day * DAY, end=(day + 1) * DAY, predictions=ROWS, labels=labels, now=NOW)


def test_young_windows_are_immature_until_a_time() -> None:
    learned, labels = history(2.0)
    young = judged(learned, 38, labels[38])
    assert not young.mature
    assert young.arrived == pytest.approx(1 - np.exp(-1.5 / 2), abs=0.05)
    assert young.immature_until == pytest.approx(NOW - DAY + 4.1 * DAY, abs=0.6 * DAY)
    assert "of the labels of a window this young have come" in young.note
    old = judged(learned, 10, labels[10])
    assert (old.mature, old.immature_until, old.note) == (True, None, "")
    assert old.coverage == pytest.approx(0.8, abs=0.06)
    assert learned.final_coverage == pytest.approx(0.8, abs=0.03)


def test_labels_that_come_evenly_do_not_lean() -> None:
    learned, labels = history(2.0)
    assert judged(learned, 38, labels[38]).lean is None


def test_a_class_that_comes_later_is_told() -> None:
    learned, labels = history(8.0)
    assert learned.dependence is not None
    assert learned.dependence < 1e-6
    found = judged(learned, 37, labels[37])
    assert found.lean is not None
    assert found.lean["0"] == pytest.approx(1 - np.exp(-2.5 / 2), abs=0.07)
    assert found.lean["1"] == pytest.approx(1 - np.exp(-2.5 / 8), abs=0.07)
    assert "metrics of this window lean towards 0" in found.note
    assert judged(learned, 5, labels[5]).lean is None


def test_without_labels_nothing_is_known_and_nothing_is_mature() -> None:
    empty = np.zeros((2, LAYOUT.size), np.int64)
    learned = learn(LAYOUT, np.array([DAY, 2.0 * DAY]), np.array([10, 10]), empty, NOW)
    found = judged(learned, 0, 0)
    assert (found.arrived, found.mature, found.coverage) == (None, False, 0.0)
    assert "not known yet" in found.note
    assert maturity(learned, start=0, end=1, predictions=0, labels=0, now=2).coverage is None


def test_labels_that_take_longer_than_the_watch_are_told() -> None:
    learned, labels = history(60.0)
    assert "delays beyond 39 days are not known" in judged(learned, 38, labels[38]).note
