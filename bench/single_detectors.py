"""Which detector sees which change: the share of samples in which each alarms, 400 rows against 400, at level 0.01.

    python -m bench.single_detectors            # the tables of docs/explanation/choosing-a-detector.md

Floors are set to 0, so that this is the power of the test alone. Every sample is drawn anew from a seed of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from watchkeeper.compare.detect import detect
from watchkeeper.events.verdict import Verdict

Rows = np.ndarray[Any, np.dtype[np.float64]]
Law = Callable[[np.random.Generator, int], Rows]

N, LEVEL, PERMUTATIONS, COLUMNS = 400, 0.01, 199, 10


def normal(rng: np.random.Generator, n: int) -> Rows:
    return rng.normal(size=n)


def some(values: Rows, rng: np.random.Generator, share: float, other: float) -> Rows:
    """`values` with a share of them replaced by one value."""
    return np.where(rng.random(len(values)) < share, other, values)


def columns(rng: np.random.Generator, n: int) -> Rows:
    return rng.normal(size=(n, COLUMNS))


def first(rows: Rows, scale: float, shift: float) -> Rows:
    """`rows` with their first column scaled and shifted."""
    rows[:, 0] = rows[:, 0] * scale + shift
    return rows


ONE: dict[str, Law] = {
    "no change": normal,
    "mean + 0.25 sd": lambda rng, n: normal(rng, n) + 0.25,
    "spread x 1.25": lambda rng, n: normal(rng, n) * 1.25,
    "two peaks, same mean and spread": lambda rng, n: normal(rng, n) * 0.6 + rng.choice([-0.8, 0.8], n),
    "heavy tails (t, 3), same spread": lambda rng, n: rng.standard_t(3, n) / np.sqrt(3),
    "2 % at 8 sd": lambda rng, n: some(normal(rng, n), rng, 0.02, 8.0),
    "5 % at one usual value": lambda rng, n: some(normal(rng, n), rng, 0.05, 0.5),
}
MANY: dict[str, Law] = {
    "no change": columns,
    "one mean + 0.5 sd": lambda rng, n: first(columns(rng, n), 1, 0.5),
    "all means + 0.1 sd": lambda rng, n: columns(rng, n) + 0.1,
    "one spread x 1.5": lambda rng, n: first(columns(rng, n), 1.5, 0),
    "correlations 0 to 0.3, every column as it was": lambda rng, n: (
        np.sqrt(0.7) * columns(rng, n) + np.sqrt(0.3) * rng.normal(size=(n, 1))
    ),
}
OF_ONE = (
    "location", "spread", "kolmogorov_smirnov", "cramer_von_mises", "anderson_darling", "epps_singleton", "wasserstein",
    "shape", "worst_cell", "stability_index", "jensen_shannon", "total_variation", "range", "energy_distance", "mmd",
    "lsdd", "classifier",
)  # fmt: skip
OF_MANY = ("energy_distance", "mmd", "lsdd", "classifier")


def alarms(name: str, before: Rows, now: Rows, rng: np.random.Generator) -> bool:
    """Whether the detector alarms; those whose p-value rests on permutations are given enough of them."""
    dealt = name in (*OF_MANY, "anderson_darling")
    options = {"permutations": PERMUTATIONS} if dealt else {}
    found = detect(name, before, now, level=LEVEL, floor=0.0, rng=rng, **options)
    if name == "range":
        return found.p_value is not None and found.p_value <= LEVEL
    return found.verdict is Verdict.ALARM


def table(title: str, ordinary: Law, laws: dict[str, Law], names: tuple[str, ...], repeats: int) -> None:
    """Print one table in Markdown."""
    print(f"| {title} | {' | '.join(laws)} |\n|---|{'---|' * len(laws)}")
    for name in names:
        shares = []
        for place, law in enumerate(laws.values()):
            rngs = [np.random.default_rng([place, seed]) for seed in range(repeats)]
            shares.append(np.mean([alarms(name, ordinary(rng, N), law(rng, N), rng) for rng in rngs]))
        print(f"| `{name}` | {' | '.join(f'{share:.2f}' for share in shares)} |", flush=True)


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    table("one column", normal, ONE, OF_ONE, count)
    table("10 columns", columns, MANY, OF_MANY, count)
