"""What a tally costs a value: one pass, all of it (bins, faults, ranges, exact sums, extremes), beside plain NumPy.

NumPy's lines answer less: a histogram alone, no missing or wrong values counted, no sums, and `np.histogram` on uniform
bins has no quantile edges.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.measure import Table, lines_of
from watchkeeper.tallies.bins import count
from watchkeeper.tallies.categorical import CategoricalBins
from watchkeeper.tallies.numeric import NumericBins

VALUES, SHORT_VALUES = 1_000_000, 100_000
EDGES = 128


def run(*, short: bool, environments: Path) -> list[Table]:
    """Time every kind of column; peers are NumPy alone, so `environments` is not needed."""
    del environments
    values = SHORT_VALUES if short else VALUES
    work = cases(values)
    for call in work.values():
        call()
    rounds = [{name: timed(call) / values * 1e9 for name, call in work.items()} for _ in range(3 if short else 15)]
    return [Table(title=f"Tallying one column of {values:,} values", unit="ns/value", lines=lines_of(rounds))]


def timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def cases(values: int) -> dict[str, Callable[[], object]]:
    """Name and work of every line."""
    rng = np.random.default_rng(7)
    normal, counts = rng.normal(100, 15, values), rng.poisson(8, values)
    holes = pa.array(normal, mask=rng.random(values) < 0.05)
    levels = pa.array([f"level {place:03d}" for place in range(50)])
    coded = pa.DictionaryArray.from_arrays(pa.array(rng.integers(0, 50, values).astype(np.int32)), levels)
    edges = np.quantile(normal, np.linspace(0, 1, EDGES + 1))
    return {
        "numeric": _numeric(pa.array(normal)),
        "numeric, 5 % missing": _numeric(holes),
        "whole numbers": _numeric(pa.array(counts.astype(np.float64)), whole=True),
        "text, as a dictionary": _categorical(coded),
        "text, plain": _categorical(coded.cast(pa.string())),
        "np.histogram, 256 uniform bins": lambda: np.histogram(normal, 256, (0.0, 200.0)),
        "np.searchsorted + bincount, 128 edges": lambda: np.bincount(np.searchsorted(edges, normal)),
        "np.sort": lambda: np.sort(normal),
    }


def _numeric(column: pa.Array, *, whole: bool = False) -> Callable[[], object]:
    bins = NumericBins.fit(column.slice(0, 20_000), minimum=-1e9, maximum=1e9, whole=whole)
    return lambda: count(bins, column)


def _categorical(column: pa.Array) -> Callable[[], object]:
    bins = CategoricalBins.fit(column.slice(0, 20_000))
    return lambda: count(bins, column)


if __name__ == "__main__":
    for table in run(short=False, environments=Path()):
        print(table.markdown())
