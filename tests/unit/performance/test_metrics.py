"""Whatever the task: nothing is never a number, and a wrong question is refused."""

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.layout import LAYOUTS, layout_for
from watchkeeper.performance.metrics import MAIN, metrics

CLASSES = {"binary": ("0", "1"), "multiclass": ("a", "b", "c")}


@pytest.mark.parametrize("task", sorted(LAYOUTS))
def test_an_empty_window_has_no_number_and_says_why(task: str) -> None:
    layout = layout_for(task, CLASSES.get(task, ()))
    found = metrics(layout, np.zeros(layout.size, np.int64))
    assert MAIN[task] in found
    assert all(metric.value is None and metric.low is None and metric.n == 0 for metric in found.values())
    assert all(metric.note for metric in found.values())
    assert found[MAIN[task]].note == "no labelled rows"


@pytest.mark.parametrize("truth", [0, 1])
def test_a_window_of_one_class_does_not_crash(truth: int) -> None:
    layout = layout_for("binary", ("0", "1"))
    found = metrics(layout, layout.tally(labelled.binary_pairs(np.array([0.2]), np.array([truth]))).counts)
    assert found["roc_auc"].value is None
    assert found["accuracy"].value == 1 - truth
    assert found["log_loss"].note == "one row has no interval"


def test_wrong_questions_are_refused() -> None:
    layout = layout_for("regression")
    with pytest.raises(BadInput, match="this layout has"):
        metrics(layout, np.zeros(3, np.int64))
    with pytest.raises(BadInput, match=r"within 0 to 1, 1\.5 does not"):
        metrics(layout, np.zeros(layout.size, np.int64), quantiles=(1.5,))
    with pytest.raises(BadInput, match="within 0 to 1"):
        metrics(layout_for("binary", ("0", "1")), np.zeros(layout_for("binary", ("0", "1")).size, np.int64), 2.0)


def test_intervals_hold_the_value() -> None:
    layout = layout_for("binary", ("0", "1"))
    for n in (2, 5, 50, 500):
        found = metrics(layout, layout.tally(labelled.binary_pairs(*labelled.binary_data(seed=n, n=n))).counts)
        for name, m in found.items():
            if m.value is not None and m.low is not None and m.high is not None:
                assert m.low <= m.value <= m.high, (n, name)
