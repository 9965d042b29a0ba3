"""How long a comparison takes: beside Evidently, beside the floor of sorting, from files of any size; and MMD.

Two tables of 1,000,000 rows in 100 mixed columns (60 of numbers, 40 of strings), every monitor of `compare` that is on
by default, each tool in a process of its own, rounds interleaved. The floor (bench/floor.py) sorts every column of
numbers once a side and counts strings, on one thread, and answers less. Evidently is measured once: it takes minutes.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.detection import synthetic
from bench.detection.asking import SCRIPTS, asked
from bench.detection.cell import Cell, Counts
from bench.detection.figure import Figure, Goal, measured
from bench.detection.setting import Setting, generator
from bench.detection.timing import timed
from bench.environments import PEERS as ENVIRONMENTS
from watchkeeper.detectors.rows.mmd import mmd
from watchkeeper.tallies.tally import FloatArray

SECTION = "Speed"
TOGETHER = "speed.times"
ROWS, CHUNK = 1_000_000, 100_000
FEWER = (*synthetic.COLUMNS[:12], *synthetic.COLUMNS[synthetic.NUMBERS : synthetic.NUMBERS + 8])
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
EVIDENTLY = "evidently_columns.py"
HALF, LINEAR, GIB, MMD_GOAL, TIMES = Goal("<=", 0.5), Goal("<=", 1.1), Goal("<=", 1024), Goal("<=", 1.5), Goal(">=", 50)
POINTS, DIMENSIONS, DEALS = 1_000, 32, 100


def cells() -> list[Cell]:
    """The comparison, Evidently's, the sizes, MMD."""
    here = Path(__file__).parent
    return [
        Cell("speed.compare", SECTION, "1,000,000 x 100, in memory", _compare, _conclude_compare, (3, 1), alone=True),
        Cell("speed.files", SECTION, "1,000,000 x 100, from files", _files, _conclude_files, (3, 1), alone=True),
        Cell(
            "speed.Evidently",
            SECTION,
            "1,000,000 x 100, Evidently",
            _evidently,
            _conclude_evidently,
            tool="Evidently",
            alone=True,
            sources=(SCRIPTS / EVIDENTLY, here / "synthetic.py"),
            pins=ENVIRONMENTS["evidently"],
        ),
        Cell("speed.rows", SECTION, "20 columns, from files", _rows, _conclude_rows, (len(SIZES), 2), alone=True),
        Cell("speed.mmd", SECTION, "MMD, 1,000 x 1,000 x 32, 100 permutations", _mmd, _conclude_mmd, alone=True),
    ]


def write(folder: Path, rows: int, columns: tuple[str, ...] = synthetic.COLUMNS) -> tuple[Path, Path]:
    """Reference and current of one law as Parquet files; categories as strings."""
    paths = folder / "reference.parquet", folder / "current.parquet"
    for side, path in enumerate(paths):
        rng, writer = generator("speed", side), None
        for first in range(0, rows, CHUNK):
            table = _strings(synthetic.draw(rng, min(CHUNK, rows - first), columns=columns))
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
        if writer is not None:
            writer.close()
    return paths


def _strings(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(place, field.name, table.column(place).cast(pa.string()))
    return table


def _compare(setting: Setting, _: int) -> Counts:
    tools = {"ours": "Watchkeeper", "floor": "sort-and-search floor, NumPy and Arrow"}
    with tempfile.TemporaryDirectory(prefix="bench-speed-") as folder:
        paths = write(Path(folder), setting.of(ROWS, 5_000))
        return {key: _in_memory(name, paths) for key, name in tools.items()}


def _in_memory(tool: str, paths: tuple[Path, Path]) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.compare", tool, *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _files(setting: Setting, _: int) -> Counts:
    with tempfile.TemporaryDirectory(prefix="bench-speed-") as folder:
        return {"ours": timed(write(Path(folder), setting.of(ROWS, 5_000)))}


def _evidently(setting: Setting, _: int) -> Counts:
    with tempfile.TemporaryDirectory(prefix="bench-speed-") as folder:
        paths = write(Path(folder), setting.of(ROWS, 1_000))
        return {"evidently": asked("evidently", EVIDENTLY, setting, {}, *map(str, paths))}


def _rows(setting: Setting, part: int) -> Counts:
    rows = SIZES[part] // setting.of(1, 10)
    with tempfile.TemporaryDirectory(prefix="bench-speed-") as folder:
        return {"rows": rows, **timed(write(Path(folder), rows, FEWER))}


def _mmd(setting: Setting, _: int) -> Counts:
    rng = generator("speed.mmd")
    left, right = rng.normal(size=(2, setting.of(POINTS, 100), DIMENSIONS))
    work: dict[str, Callable[[], Any]] = {
        "ours": lambda: mmd(left, right, np.random.default_rng(1), permutations=DEALS),
        "floor": partial(mmd_floor, left, right, np.random.default_rng(1)),
    }
    for call in work.values():
        call()
    rounds = range(setting.of(15, 2))
    return {name: [_seconds(call) for _ in rounds] for name, call in work.items()}


def mmd_floor(left: FloatArray, right: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Kernel matrix, deals and their statistics with bare NumPy: nothing checked, bandwidth by the column count."""
    rows = np.concatenate([left, right])
    square = (rows**2).sum(1)
    kernel = np.exp(-(square[:, None] + square - 2 * rows @ rows.T) / (2 * rows.shape[1]))
    np.fill_diagonal(kernel, 0.0)
    total, deals = len(rows), np.zeros((len(rows), DEALS + 1))
    deals[len(left) :, 0] = 1.0
    for column in range(1, DEALS + 1):
        deals[rng.permutation(total)[: len(right)], column] = 1.0
    others = 1 - deals
    n, m = len(right), len(left)
    sums: FloatArray = (
        (deals * (kernel @ deals)).sum(0) / (n * (n - 1))
        + (others * (kernel @ others)).sum(0) / (m * (m - 1))
        - 2 * (deals * (kernel @ others)).sum(0) / (n * m)
    )
    return sums


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


# --- figures ----------------------------------------------------------------------------------------------------------
def _conclude_compare(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    return (
        _median("seconds", [part["ours"]["seconds"] for part in parts]),
        _median("processor seconds", [part["ours"]["cpu"] for part in parts]),
        _median("seconds over the floor's", [p["ours"]["seconds"] / p["floor"]["seconds"] for p in parts], HALF),
        _median("processor seconds over the floor's", [p["ours"]["cpu"] / p["floor"]["cpu"] for p in parts], HALF),
    )


def _conclude_files(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    return (
        _median("seconds", [part["ours"]["seconds"] for part in parts]),
        _median("MiB at the peak", [part["ours"]["megabytes"] for part in parts], GIB),
    )


def _conclude_evidently(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    found = [part["evidently"] for part in parts]
    return (
        _median("seconds", [one["seconds"] for one in found], note=found[0]["version"]),
        _median("processor seconds", [one["cpu"] for one in found], note=found[0]["version"]),
        _median("MiB at the peak", [one["megabytes"] for one in found], note=found[0]["version"]),
    )


def together(ours: Sequence[Figure], theirs: Sequence[Figure]) -> tuple[Figure, ...]:
    """How many times as long Evidently took, from the figures of two cells on the same tables."""
    mine, other = ({figure.what: figure.number for figure in figures} for figures in (ours, theirs))
    return tuple(
        _median(f"Evidently's {what} over ours", [other[what] / mine[what]], TIMES)
        for what in ("seconds", "processor seconds")
    )


def _conclude_rows(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    found = [_median(f"seconds at {part['rows']:,} rows", [part["seconds"]]) for part in parts]
    found += [_median(f"MiB at the peak at {part['rows']:,} rows", [part["megabytes"]]) for part in parts]
    first, last = parts[min(1, len(parts) - 2)], parts[-1]
    slope = math.log(last["cpu"] / first["cpu"]) / math.log(last["rows"] / first["rows"])
    note = f"slope of processor time from {first['rows']:,} to {last['rows']:,} rows; 1 is linear"
    return (*found, _median("growth with rows", [slope], LINEAR, note))


def _conclude_mmd(parts: Sequence[Counts]) -> tuple[Figure, ...]:
    ours, floor = parts[0]["ours"], parts[0]["floor"]
    ratios = [one / other for one, other in zip(ours, floor, strict=True)]
    return (_median("seconds", ours), _median("seconds over the floor's", ratios, MMD_GOAL))


def _median(what: str, values: Sequence[float], goal: Goal | None = None, note: str = "") -> Figure:
    spread = (min(values), max(values)) if len(values) > 1 else None
    return measured(what, statistics.median(values), len(values), of="rounds", goal=goal, between=spread, note=note)
