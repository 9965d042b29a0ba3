"""Live labels teach where enough were mature; before that the labelled reference, unless the model learned from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.helpers.calibrated import ROWS, fill
from tests.helpers.watching import DAY, START, watched_store
from watchkeeper.performance.layout import layout_for
from watchkeeper.performance.pairs import Pairs
from watchkeeper.performance.reference_performance import ReferencePerformance
from watchkeeper.performance.said_counts import said_counts
from watchkeeper.performance.weights import WEIGHT_ONE
from watchkeeper.store.known_by import KnownBy
from watchkeeper.store.labelled import LabelledWindows, labelled_windows
from watchkeeper.watch.teaching import TAUGHT, lesson

LAYOUT = layout_for("binary", ("0", "1"))


def reference(*, in_sample: bool | None = False, classes: tuple[str, str] = ("0", "1")) -> ReferencePerformance:
    """Ten blocks of 200 rows whose scores are the chance of the second class."""
    rng, layout = np.random.default_rng(5), layout_for("binary", classes)
    counts, said = [], []
    for _ in range(10):
        scores = rng.random(200)
        truth = (rng.random(200) < scores).astype(np.int64)
        weight, decided = np.full(200, WEIGHT_ONE, np.int64), (scores > 0.5).astype(np.int64)
        pairs = Pairs("binary", classes, weight, truth=truth, predicted=decided, scores=scores)
        counts.append(layout.tally(pairs).counts)
        said.append(said_counts(layout, pairs))
    starts = START - (10 - np.arange(10)) * DAY
    return ReferencePerformance.of(layout, starts, np.stack(counts), np.stack(said), width=DAY, in_sample=in_sample)


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelledWindows]:
    store = watched_store(Path(tmp_path_factory.mktemp("taught")))
    fill(store, range(14), labelled=[day for day in range(14) if day != 2])
    yield labelled_windows(store.performance, ("flights", "1"), (START, START + 14 * DAY), DAY, said=True)
    store.close()


def test_the_newest_mature_windows_teach(windows: LabelledWindows) -> None:
    found = lesson(windows, KnownBy(windows), START + 12 * DAY, reference())
    assert found is not None
    assert found.starts == tuple(START + day * DAY for day in range(12) if day != 2)
    assert found.taught == (11, 11 * ROWS)
    assert found.note == ""
    assert found.worth == pytest.approx(1.0)
    assert all(said is not None and said.sum() == ROWS for said in found.said)
    assert 0.6 < found.usual["accuracy"] < 0.9
    assert len(found.starts) <= TAUGHT


def test_before_that_the_reference_does(windows: LabelledWindows) -> None:
    at = START + 4 * DAY
    assert lesson(windows, KnownBy(windows), at, None) is None
    found = lesson(windows, KnownBy(windows), at, reference())
    assert found is not None
    assert (found.starts, found.taught) == ((), (10, 2000))
    assert "taught by the labelled reference" in found.note
    assert found.usual["accuracy"] == pytest.approx(0.75, abs=0.03)


@pytest.mark.parametrize("other", [reference(in_sample=True), reference(classes=("0", "2"))])
def test_not_one_that_the_model_learned_from_or_that_is_counted_otherwise(
    windows: LabelledWindows, other: ReferencePerformance
) -> None:
    assert lesson(windows, KnownBy(windows), START + 4 * DAY, other) is None


def test_where_nobody_said_so_it_is_said(windows: LabelledWindows) -> None:
    found = lesson(windows, KnownBy(windows), START, reference(in_sample=None))
    assert found is not None
    assert "may have been trained on" in found.note
