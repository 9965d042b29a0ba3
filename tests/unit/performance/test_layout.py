"""One layout a task, kept as plain values."""

import json

import numpy as np
import pytest

from tests.helpers import labelled
from watchkeeper.events.errors import BadInput
from watchkeeper.performance.layout import LAYOUTS, layout_for, layout_from_dict


@pytest.mark.parametrize("task", sorted(LAYOUTS))
def test_a_layout_is_kept_as_json(task: str) -> None:
    classes = {"binary": ("0", "1"), "multiclass": ("a", "b", "c")}.get(task, ())
    layout = layout_for(task, classes, span=(3.0, 7.0))
    again = layout_from_dict(json.loads(json.dumps(layout.to_dict())))
    assert (again.kind, again.classes, again.size) == (task, classes, layout.size)
    assert again.to_dict() == layout.to_dict()


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(BadInput, match="There is no task 'x'"):
        layout_for("x")
    with pytest.raises(BadInput, match="unknown kind 'x'"):
        layout_from_dict({"kind": "x"})


def test_the_reference_sets_the_scale() -> None:
    pairs = labelled.regression_pairs(*labelled.regression_data())
    fields = layout_for("regression", (), pairs).to_dict()
    assert fields["centre"] == pytest.approx(100, abs=5)
    assert fields["error_scale"] > fields["scale"]
    rewards = labelled.reward_pairs(np.full(10, 1000.0))
    assert layout_for("reward", (), rewards).to_dict()["scale"] < 0.001
