from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.unit.monitors.streams import DAY, day, tallies
from watchkeeper.detectors.registry import Evidence
from watchkeeper.monitors.breaks import Broken, judge_rate, ordinary_rates
from watchkeeper.monitors.columns import stacks
from watchkeeper.monitors.policy import Policy
from watchkeeper.reference.reference import Reference

POLICY = Policy()


def judged(known: Reference, kind: Evidence, days: list[dict[str, Any]]) -> dict[str, Broken]:
    found: dict[str, tuple[Broken, int]] = {}
    for stack in stacks(known.binning):
        _, blocks = known.blocks_of(DAY)
        ordinary = ordinary_rates(stack, known.whole.counts, blocks, POLICY.break_floors, POLICY.min_n)
        if kind in ordinary:
            broken = judge_rate(
                stack,
                kind,
                tallies(known, days),
                ordinary[kind],
                floor=POLICY.break_floors[kind.value],
                level=POLICY.break_level,
                min_blocks=POLICY.min_blocks,
            )
            found |= {name: (broken, c) for c, name in enumerate(stack.names)}
    return {name: broken for name, (broken, c) in found.items() if broken.hit[:, c].any()}


def hide(share: float) -> Callable[[np.random.Generator, Any], Any]:
    return lambda rng, values: np.where(rng.random(len(values)) < share, np.nan, values)


def relabel(share: float, to: str) -> Callable[[np.random.Generator, Any], Any]:
    return lambda rng, values: np.where(rng.random(len(values)) < share, to, values)


@pytest.mark.parametrize(
    ("kind", "column", "change"),
    [
        (Evidence.MISSING, "price", hide(0.3)),
        (Evidence.MISSING, "shop", lambda rng, v: np.where(rng.random(len(v)) < 0.3, None, v)),
        (Evidence.UNSEEN, "shop", relabel(0.1, "online")),
        (Evidence.INFINITE, "age", lambda rng, v: np.where(rng.random(len(v)) < 0.1, np.inf, v)),
        (Evidence.RANGE, "age", lambda _, v: v + 1000),
    ],
)
def test_each_kind_of_break_is_found_in_one_day_and_on_its_own_column(
    timed: Reference, rng: np.random.Generator, kind: Evidence, column: str, change: Any
) -> None:
    assert set(judged(timed, kind, [day(rng, 500, **{column: change})])) == {f"input.{column}"}


@pytest.mark.parametrize("kind", [Evidence(kind) for kind in POLICY.break_floors])
def test_ordinary_days_are_whole(timed: Reference, rng: np.random.Generator, kind: Evidence) -> None:
    assert not judged(timed, kind, [day(rng, 500) for _ in range(30)])


def test_a_handful_of_faults_is_no_break(timed: Reference, rng: np.random.Generator) -> None:
    assert not judged(timed, Evidence.MISSING, [day(rng, 500, price=hide(0.01))])


def test_a_reference_that_always_had_holes_is_not_broken_by_them(rng: np.random.Generator) -> None:
    from tests.unit.monitors.streams import table
    from watchkeeper.reference.compiling import compile_reference
    from watchkeeper.schema.inference import infer_schema

    patchy = table([day(rng, 200, price=hide(rng.uniform(0.0, 0.3))) for _ in range(40)])
    known = compile_reference(patchy, infer_schema(patchy, exclude=("at",)), times=patchy["at"], bucket=DAY)
    assert not judged(known, Evidence.MISSING, [day(rng, 200, price=hide(0.2)) for _ in range(10)])
    assert judged(known, Evidence.MISSING, [day(rng, 200, price=hide(0.9))])
