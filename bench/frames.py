"""Two frames to compare, half of their columns strings: made by seed, so that all tools read the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = 20
LEVELS = (2, 3, 5, 8, 12, 20, 30, 50, 100, 200)


def table(rows: int, seed: int) -> pa.Table:
    """Ten numeric columns (normal, log-normal, whole, rounded, half zeros), ten of strings (2 to 200 levels)."""
    rng = np.random.default_rng(seed)
    columns: dict[str, pa.Array] = {}
    for place in range(COLUMNS // 2):
        columns[f"number{place}"] = pa.array(_numbers(place, rows, rng))
        columns[f"text{place}"] = _texts(LEVELS[place], rows, rng)
    return pa.table(columns)


def write(folder: Path, rows: int) -> tuple[Path, Path]:
    """Reference and current as Parquet files in `folder`; both of the same distribution."""
    paths = folder / "reference.parquet", folder / "current.parquet"
    for seed, path in enumerate(paths):
        pq.write_table(table(rows, seed), path)
    return paths


def _numbers(place: int, rows: int, rng: np.random.Generator) -> np.ndarray:
    match place % 5:
        case 0:
            return rng.normal(place, 1 + place, rows)
        case 1:
            return rng.lognormal(place / 5, 1, rows)
        case 2:
            return rng.poisson(5 + place, rows).astype(np.int64)
        case 3:
            return rng.normal(100, 15, rows).round(1)
        case _:
            return np.where(rng.random(rows) < 0.5, 0.0, rng.exponential(10, rows))


def _texts(levels: int, rows: int, rng: np.random.Generator) -> pa.Array:
    weights = 1 / np.arange(1, levels + 1)
    drawn = rng.choice(levels, rows, p=weights / weights.sum()).astype(np.int32)
    names = pa.array([f"level {place:03d}" for place in range(levels)])
    return pa.DictionaryArray.from_arrays(pa.array(drawn), names).cast(pa.string())
