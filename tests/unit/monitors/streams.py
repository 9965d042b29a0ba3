"""Streams with ordinary movement, made from a seed: every day shifts a little, and so does the mix of shops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference, prefixed
from watchkeeper.schema.inference import infer_schema
from watchkeeper.tallies.tally import IntArray

DAY = 86_400
SHOPS = np.array(["north", "south", "east", "west"])


def day(rng: np.random.Generator, rows: int = 200, **changed: Any) -> dict[str, Any]:
    """One ordinary day; `changed` maps a column to a function of (rng, its values)."""
    mix = np.array([4.0, 3.0, 2.0, 1.0]) * np.exp(0.1 * rng.normal(size=4))
    columns: dict[str, Any] = {
        "price": rng.gamma(4.0, 10.0 * np.exp(0.05 * rng.normal()), rows),
        "age": rng.normal(40 + rng.normal(), 10, rows),
        "shop": rng.choice(SHOPS, rows, p=mix / mix.sum()).astype(object),
    }
    for name, change in changed.items():
        columns[name] = change(rng, columns[name])
    return columns


def table(days: list[dict[str, Any]]) -> pa.Table:
    """Days, one after the other, with the time of each row."""
    stacked = {name: np.concatenate([d[name] for d in days]) for name in days[0]}
    times = np.concatenate([np.linspace(k * DAY, (k + 1) * DAY - 1, len(d["price"])) for k, d in enumerate(days)])
    arrays = {name: pa.array(values, from_pandas=True) for name, values in stacked.items()}
    return pa.table(arrays | {"at": pa.array((times * 1e6).astype(np.int64)).cast(pa.timestamp("us", tz="UTC"))})


def reference(rng: np.random.Generator, days: int = 40, *, timed: bool = True) -> Reference:
    """A reference of so many ordinary days, in buckets of one day."""
    rows = table([day(rng) for _ in range(days)])
    schema = infer_schema(rows, exclude=("at",))
    return compile_reference(rows, schema, times=rows["at"] if timed else None, bucket=DAY)


def tallies(known: Reference, days: list[dict[str, Any]]) -> IntArray:
    """(W, size) one window a day."""
    counted = [known.binning.tally(prefixed(table([d]).drop(["at"]), "input.")).counts for d in days]
    return np.stack(counted)
