"""Delays of labels as an additive tally."""

import numpy as np
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.performance.delays import BINS, EDGES, DelayLayout


def test_every_label_lies_between_the_edges_of_its_bin() -> None:
    layout = DelayLayout.of()
    for delay in (0.0, 0.5, 1.0, 59.0, 86_400.0, 1e9):
        (rows,) = layout.delays(layout.tally(np.array([delay])).counts)
        (place,) = np.flatnonzero(rows)
        assert EDGES[place] <= delay
        assert place == BINS - 1 or delay < EDGES[place + 1]


def test_groups_are_classes_or_halves() -> None:
    classes = DelayLayout.of(("a", "b"))
    assert classes.delays(classes.tally(np.array([1.0, 9.0, 9.0]), np.array([0, 1, 1])).counts).sum(1).tolist() == [
        1,
        2,
    ]
    halves = DelayLayout.of(middle=10.0)
    assert halves.groups == ("low", "high")
    assert halves.delays(halves.tally(np.array([1.0, 1.0]), np.array([3.0, 30.0])).counts).sum(1).tolist() == [1, 1]
    assert DelayLayout.of(tuple(str(k) for k in range(30))).groups == ("label",)


def test_tallies_add_and_layouts_are_kept() -> None:
    layout = DelayLayout.of(("a", "b"))
    delay, truth = np.random.default_rng(0).exponential(1e5, 50), np.arange(50) % 2
    assert layout.tally(delay[:20], truth[:20]) + layout.tally(delay[20:], truth[20:]) == layout.tally(delay, truth)
    fields = layout.to_dict()
    assert DelayLayout(fields["groups"], fields["middle"]).groups == ("a", "b")


def test_what_cannot_be_counted_is_refused() -> None:
    with pytest.raises(BadInput, match="Row 1: the label's delay"):
        DelayLayout.of().tally(np.array([1.0, np.nan]))
    with pytest.raises(BadInput, match="take the labels"):
        DelayLayout.of(("a", "b")).tally(np.array([1.0]))


def test_a_label_before_its_prediction_came_at_once() -> None:
    layout = DelayLayout.of()
    assert layout.delays(layout.tally(np.array([-5.0])).counts)[0, 0] == 1
