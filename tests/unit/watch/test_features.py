"""Features teach from recorded rows and are read from tallies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.calibrated import ROWS, fill
from tests.helpers.watching import DAY, START, reference, watched_store
from watchkeeper.performance.estimate import CONFIDENCE
from watchkeeper.performance.feature_cells import FeatureCells
from watchkeeper.performance.loss_estimate import LOSS_MODEL
from watchkeeper.performance.weighted_estimate import WEIGHTED
from watchkeeper.store.known_by import KnownBy
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.store.store import Store
from watchkeeper.watch import features
from watchkeeper.watch.estimators import Seen, learn
from watchkeeper.watch.features import Features
from watchkeeper.watch.teaching import Lesson, lesson

DAYS = 12
CELLS = FeatureCells.of(reference().binning, reference().whole.counts)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    made = watched_store(Path(tmp_path_factory.mktemp("features")))
    fill(made, range(DAYS), shape=lambda day: 4.0 if day == DAYS - 1 else 1.0)
    yield made
    made.close()


@pytest.fixture(scope="module")
def windows(store: Store) -> LabelledWindows:
    return labelled_windows(store.performance, ("flights", "1"), (START, START + DAYS * DAY), DAY, said=True)


@pytest.fixture(scope="module")
def read(store: Store, windows: LabelledWindows) -> Features:
    return Features(store, store.versions.version("flights", "1"), CELLS, windows)


@pytest.fixture(scope="module")
def taught(windows: LabelledWindows) -> Lesson:
    found = lesson(windows, KnownBy(windows), START + 10 * DAY, None)
    assert found is not None
    return found


def test_rows_of_the_windows_that_teach_come_by_time(read: Features, taught: Lesson) -> None:
    found = read.taught(taught.layout, taught.starts)
    assert found is not None
    assert found.rows.num_rows == len(found.pairs) == 10 * ROWS
    assert found.bounds.tolist() == [k * ROWS for k in range(11)]
    some = read.taught(taught.layout, taught.starts[2:4])
    assert some is not None
    assert np.array_equal(np.asarray(some.pairs.truth), np.asarray(found.pairs.truth)[2 * ROWS : 4 * ROWS])


def test_only_so_many_are_read(read: Features, taught: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "MOST_READ", 3 * ROWS)
    monkeypatch.setattr(features, "MOST_ROWS", ROWS)
    found = read.taught(taught.layout, taught.starts)
    assert found is not None
    assert len(found.bounds) == 4
    assert 0 < len(found.pairs) < ROWS, "one in four of the newest three windows"


def test_a_windows_profile_is_that_of_its_tally(read: Features) -> None:
    found = read.profile(START)
    assert found is not None
    assert found[1] == ROWS
    assert found[0][0] == 1.0
    assert read.profile(START + 50 * DAY) is None


def test_what_features_teach_is_near_what_scores_do(read: Features, taught: Lesson, windows: LabelledWindows) -> None:
    plain, weighted = learn(taught, read)
    assert (plain.method, weighted.method) == (CONFIDENCE, WEIGHTED)
    start = START + 10 * DAY
    seen = Seen(start, ROWS, windows.at(start).said)
    one, other = plain.metrics(seen)["accuracy"], weighted.metrics(seen)["accuracy"]
    assert other.value == pytest.approx(one.value, abs=0.03)
    assert other.n == ROWS


def test_without_scores_the_loss_is_modelled(read: Features, taught: Lesson) -> None:
    blind = Lesson(taught.layout, np.zeros_like(taught.counts), taught.said, taught.starts)
    (learned,) = learn(blind, read)
    assert learned.method == LOSS_MODEL
    ordinary, hard = (learned.metrics(Seen(START + day * DAY, ROWS + 5, None))["accuracy"] for day in (10, DAYS - 1))
    assert ordinary.n == ROWS + 5
    assert ordinary.value == pytest.approx(0.75, abs=0.05)
    assert hard.value is not None
    assert hard.value < 0.68, "its answers are near the middle"
    assert learned.metrics(Seen(START + 50 * DAY, 5, None)) == {}
