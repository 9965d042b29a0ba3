"""What a lesson can teach."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.watch.test_teaching import reference
from watchkeeper.performance.estimate import CONFIDENCE
from watchkeeper.performance.layout import layout_for
from watchkeeper.watch.estimators import Seen, first_method, learn
from watchkeeper.watch.teaching import Lesson


def taught(**given: object) -> Lesson:
    known = reference()
    assert known.said is not None
    fields = {"layout": known.layout, "counts": known.counts, "said": tuple(known.said)}
    return Lesson(**(fields | given))  # type: ignore[arg-type]


def test_scores_teach_confidence() -> None:
    (learned,) = learn(taught())
    assert learned.method == CONFIDENCE
    known = reference()
    assert known.said is not None
    found = learned.metrics(Seen(0, 200, known.said[0]))
    assert found["accuracy"].value == pytest.approx(0.75, abs=0.05)
    assert found["accuracy"].note == "", "blocks told how much they differ"
    assert learned.metrics(Seen(0, 200, None)) == {}


def test_without_the_scores_of_its_blocks_the_interval_says_what_it_lacks() -> None:
    known = reference()
    assert known.said is not None
    (learned,) = learn(taught(said=(None,) * 10))
    assert "too narrow" in learned.metrics(Seen(0, 200, known.said[0]))["accuracy"].note
    (some,) = learn(taught(said=(None, None, *known.said[2:])))
    assert some.metrics(Seen(0, 200, known.said[0]))["accuracy"].note == ""


def test_no_labelled_row_teaches_nothing() -> None:
    known = reference()
    assert learn(taught(counts=np.zeros_like(known.counts))) == []


def test_a_version_has_methods_by_what_it_gives() -> None:
    assert first_method(layout_for("multiclass", ("a", "b", "c"))) == CONFIDENCE
    assert first_method(layout_for("ranking")) == ""
    assert first_method(None) == ""
