from __future__ import annotations

import numpy as np

from tests.unit.monitors.streams import day, tallies
from watchkeeper.detectors.finding import Statement
from watchkeeper.events.verdict import Verdict
from watchkeeper.monitors.baseline import compile_baseline
from watchkeeper.monitors.findings import Seen, too_few, unit_finding
from watchkeeper.monitors.policy import Policy
from watchkeeper.monitors.units import CHANGES
from watchkeeper.reference.reference import Reference


def seen(timed: Reference, rng: np.random.Generator, column: str) -> Seen:
    (window,) = tallies(timed, [day(rng)])
    return Seen(compile_baseline(timed, Policy()), column, window, 200, 0.1)


def test_a_column_seen_knows_both_sides(timed: Reference, rng: np.random.Generator) -> None:
    price = seen(timed, rng, "input.price")
    assert price.feature == "price"
    assert price.n_reference == 8000
    assert price.words().startswith(": mean ")
    assert seen(timed, rng, "input.shop").words() == ""


def test_too_few_rows_are_silence_and_say_how_many_it_takes(timed: Reference, rng: np.random.Generator) -> None:
    finding = too_few(seen(timed, rng, "input.price"), Statement.UNUSUAL, "blocks")
    assert finding.verdict is Verdict.NOT_ENOUGH_DATA
    assert "30 are needed" in finding.note


def test_a_new_unit_is_said_in_words(timed: Reference, rng: np.random.Generator) -> None:
    finding = unit_finding(seen(timed, rng, "input.price"), CHANGES[0])
    assert finding.verdict is Verdict.ALARM
    assert finding.statement is Statement.BROKEN
    assert "miles became kilometres" in finding.sentence
    assert "1.609 times" in finding.sentence
