"""Changes of the census table, each a function of rows: which columns it moves, and how.

`noise` adds a normal value to three columns of whole numbers, which takes them off their atoms: a fault of the schema
more than a drift. `noise, whole` is the honest one. `shift` moves age by a share of its standard deviation as it is,
`shift, whole` to the nearest year. A `label shift` draws the pool's rich at another rate; it moves many columns a
little, and none of them is to blame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.detection.census import Rows
from watchkeeper.tallies.tally import IntArray

Change = Callable[[Rows, np.random.Generator], None]


@dataclass(frozen=True)
class Shift:
    """`change` edits rows in place; `moved` names its columns; `positive` is the rate of the label, None as it is."""

    name: str
    moved: tuple[str, ...] = ()
    change: Change = lambda rows, rng: None  # noqa: ARG005 (the signature of every change)
    positive: float | None = None

    def windows(self, pool: Rows, size: int, count: int, rng: np.random.Generator) -> Rows:
        """`count` windows of `size` rows, one after the other, each drawn from `pool` without replacement."""
        at = np.concatenate([self._draw(pool, size, rng) for _ in range(count)])
        rows = pool.take(at)
        self.change(rows, rng)
        return rows

    def _draw(self, pool: Rows, size: int, rng: np.random.Generator) -> IntArray:
        if self.positive is None:
            return rng.choice(len(pool), size, replace=False)
        rich, others = np.flatnonzero(pool.label), np.flatnonzero(~pool.label)
        count = min(int(rng.binomial(size, self.positive)), len(rich))
        return np.concatenate([rng.choice(rich, count, replace=False), rng.choice(others, size - count, replace=False)])


_NOISY = ("age", "fnlwgt", "education_num")
_SCALED = ("age", "fnlwgt", "hours_per_week")
SD = {"age": 13.71, "fnlwgt": 105_604.0, "education_num": 2.571}


def noise(sds: float, *, whole: bool = False) -> Change:
    def change(rows: Rows, rng: np.random.Generator) -> None:
        for name in _NOISY:
            moved = rows.numbers[name] + rng.normal(0, sds * SD[name], len(rows))
            rows.numbers[name][:] = np.rint(moved) if whole else moved

    return change


def scaled(share: float) -> Change:
    def change(rows: Rows, rng: np.random.Generator) -> None:
        at = rng.random(len(rows)) < share
        for name in _SCALED:
            rows.numbers[name][at] *= 1.2

    return change


def category(share: float) -> Change:
    def change(rows: Rows, rng: np.random.Generator) -> None:
        rows.codes["occupation"][rng.random(len(rows)) < share] = rows.levels["occupation"].index("Sales")

    return change


def missing(share: float) -> Change:
    def change(rows: Rows, rng: np.random.Generator) -> None:
        at = rng.random(len(rows)) < share
        rows.numbers["age"][at] = np.nan
        rows.codes["workclass"][at] = -1

    return change


def added(sds: float, *, whole: bool = False) -> Change:
    def change(rows: Rows, rng: np.random.Generator) -> None:  # noqa: ARG001 (the signature of every change)
        rows.numbers["age"] += np.rint(sds * SD["age"]) if whole else sds * SD["age"]

    return change


NONE = Shift("nothing")
LABEL = Shift("label shift .24 to .40", positive=0.40)
KNOWN = (
    Shift("noise .1 sd", _NOISY, noise(0.1)),
    Shift("noise .5 sd", _NOISY, noise(0.5)),
    Shift("noise 1 sd", _NOISY, noise(1.0)),
    Shift("half of rows x 1.2", _SCALED, scaled(0.5)),
    Shift("all rows x 1.2", _SCALED, scaled(1.0)),
    Shift("category moved 5 %", ("occupation",), category(0.05)),
    Shift("category moved 20 %", ("occupation",), category(0.2)),
    Shift("10 % missing", ("age", "workclass"), missing(0.1)),
    Shift("one column .3 sd", ("age",), added(0.3)),
    Shift("one column 1 sd", ("age",), added(1.0)),
)
WHOLE = (
    Shift("noise .1 sd, whole", _NOISY, noise(0.1, whole=True)),
    Shift("one column .3 sd, whole", ("age",), added(0.3, whole=True)),
)
SHIFTS = {shift.name: shift for shift in (*KNOWN, *WHOLE, LABEL)}
