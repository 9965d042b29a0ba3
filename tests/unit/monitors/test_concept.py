from __future__ import annotations

import json

import numpy as np
import pytest

from watchkeeper.events.errors import BadInput
from watchkeeper.monitors.cell_tallies import CellTallies
from watchkeeper.monitors.concept import ConceptDrift, Part, Shift, _shift, concept_drift

CELLS, PER_BLOCK, BLOCKS = 8, 1000, 30
EDGES = np.linspace(-1.6, 1.6, CELLS - 1)


def tallies(
    rng: np.random.Generator, blocks: int, *, level: float = 0.0, slope: float = 1.5, y: float | None = None
) -> list[CellTallies]:
    """A feature, a label that depends on it, and the errors of a model that knows how it was in the reference."""
    n = blocks * PER_BLOCK
    walk = np.repeat(rng.normal(0, 0.05, blocks), PER_BLOCK)  # ordinary movement
    if y is None:
        x = rng.normal(level, 1, n) + walk
        label = (rng.random(n) < 1 / (1 + np.exp(-(slope * x)))).astype(np.int64)
    else:  # x given the label stays as it is, the labels come in another mix
        label = (rng.random(n) < y).astype(np.int64)
        x = rng.normal(1.2 * label - 0.6, 1, n) + walk
    score = np.clip(np.round(4 * (x + rng.normal(0, 0.3, n))) / 4, -2, 2)
    loss = ((x > 0) != label).astype(float)
    bounds = np.arange(0, n + 1, PER_BLOCK)
    return [
        CellTallies.of(name, (np.searchsorted(EDGES, column), label), loss, bounds, cells=CELLS, classes=2)
        for name, column in (("score", x), ("other", score))
    ]


def told(reference_y: float | None = None, *, y: float | None = None, **now: float) -> list[ConceptDrift]:
    said = []
    for seed in range(8):
        rng = np.random.default_rng(seed)
        reference = tallies(rng, BLOCKS, y=reference_y)
        said.append(concept_drift(reference, tallies(rng, 1, y=y, **now)))
    return said


def most(said: list[ConceptDrift]) -> Shift:
    shifts = [one.shift for one in said]
    return max(set(shifts), key=shifts.count)


def test_ordinary_blocks_show_nothing() -> None:
    said = told()
    assert [one.shift for one in said].count(Shift.NONE) >= 7


def test_covariate_shift() -> None:
    said = told(level=-0.8)
    assert [one.shift for one in said].count(Shift.COVARIATE) >= 6
    assert all(abs(one.inputs.amount) > abs(one.relation.amount) for one in said)
    assert "inputs moved" in said[0].sentence


def test_concept_drift() -> None:
    said = told(slope=0.4)
    assert [one.shift for one in said].count(Shift.CONCEPT) >= 7
    for one in said:
        assert one.relation.low > 0.05
        assert abs(one.inputs.amount) < 0.02


def test_label_shift() -> None:
    said = told(0.5, y=0.8)
    assert [one.shift for one in said].count(Shift.LABEL) >= 6


def test_both() -> None:
    assert most(told(level=1.0, slope=0.3)) is Shift.BOTH


def test_the_parts_add_up() -> None:
    one = told(level=0.5, slope=0.8)[0]
    assert one.inputs.amount + one.relation.amount + one.new_ground == pytest.approx(one.change.amount)
    assert one.inputs.low <= one.inputs.amount <= one.inputs.high
    json.dumps(one.to_dict())


def test_rows_where_the_reference_has_none_are_new_ground() -> None:
    bounds = np.arange(0, 10 * 100 + 1, 100)
    rng = np.random.default_rng(1)
    old = CellTallies.of("x", (rng.integers(0, 3, 1000), None), (rng.random(1000) < 0.1).astype(float), bounds, cells=4)
    cell = np.repeat([0, 3], 50)
    new = CellTallies.of("x", (cell, None), (cell == 3).astype(float), np.array([0, 100]), cells=4)
    said = concept_drift([old], [new])
    assert said.new_ground == pytest.approx(0.5 * (1 - old.loss.sum() / 1000))
    assert said.given_label_p is None
    assert "new ground" in said.sentence


def test_numbers_as_labels_need_no_classes() -> None:
    rng = np.random.default_rng(2)
    bounds = np.arange(0, 30 * 200 + 1, 200)
    old = CellTallies.of("x", (rng.integers(0, 4, 6000), None), 100 * rng.exponential(1.0, 6000), bounds, cells=4)
    worse = CellTallies.of(
        "x", (rng.integers(0, 4, 200), None), 100 * rng.exponential(2.0, 200), np.array([0, 200]), cells=4
    )
    same = CellTallies.of(
        "x", (rng.integers(0, 4, 200), None), 100 * rng.exponential(1.0, 200), np.array([0, 200]), cells=4
    )
    said = concept_drift([old], [worse])
    assert said.shift is Shift.CONCEPT
    assert said.relation_p is not None
    assert said.relation_p[1] < 1 / 30
    assert 0 < (said.relation.smallest or 0) < said.relation.amount
    assert concept_drift([old], [same]).shift is Shift.NONE


def test_few_blocks_say_nothing() -> None:
    rng = np.random.default_rng(3)
    said = concept_drift(tallies(rng, 5), tallies(rng, 1))
    assert said.shift is Shift.UNKNOWN
    assert "8 blocks are needed" in said.sentence


def test_what_does_not_match_is_refused() -> None:
    rng = np.random.default_rng(4)
    old = tallies(rng, 10)
    with pytest.raises(BadInput, match="same columns"):
        concept_drift(old, tallies(rng, 1)[::-1])
    with pytest.raises(BadInput, match="one block"):
        concept_drift(old, tallies(rng, 2))


def test_a_chance_too_small_for_a_float_is_no_unknown_one() -> None:
    certain, unknown = (Part(1.0, 1.0, 1.0, p, 0.1) for p in (0.0, None))
    assert _shift((unknown, certain), [False] * 4, 1 / 30) is Shift.CONCEPT
    assert _shift((certain, unknown), [False] * 4, 1 / 30) is Shift.COVARIATE
    assert _shift((unknown, unknown), [False] * 4, 1 / 30) is Shift.NONE


def test_blocks_without_a_label_teach_nothing() -> None:
    nothing = np.zeros(0, np.int64)
    empty = CellTallies.of(
        "score", (nothing, nothing), np.zeros(0), np.zeros(BLOCKS + 1, np.int64), cells=CELLS, classes=2
    )
    told = concept_drift([empty], tallies(np.random.default_rng(0), 1)[:1])
    assert told.shift is Shift.UNKNOWN
    assert told.sentence.startswith("0 blocks of labelled rows")
