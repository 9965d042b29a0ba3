"""The watch worker: rows a second from a journal on disk to committed tallies and record files, and its memory.

The journal is filled first (20 features: 14 numbers, 4 whole numbers, 2 texts of 12 levels; an output), then a worker
in a process of its own, held to one core, empties it. What is timed is the worker alone, from first step to last.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.measure import Table, lines_of
from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.ids import PredictionIdMinter
from watchkeeper.events.inference import TIMESTAMP, Source, envelope_schema
from watchkeeper.journal.protocol import Entry
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.reference.compiling import compile_reference
from watchkeeper.reference.reference import Reference
from watchkeeper.schema.inference import infer_schema
from watchkeeper.schema.schema import Schema
from watchkeeper.store.store import Store, open_store
from watchkeeper.store.versions import ModelSettings, Version
from watchkeeper.watch.worker import Worker

START = 19_000 * 86_400
ROWS, SHORT_ROWS, ENTRY_ROWS = 2_000_000, 100_000, 10_000
LEVELS = [f"level {place:02d}" for place in range(12)]


def run(*, short: bool, environments: Path) -> list[Table]:
    """Fill a journal, empty it three times from the start; no peer does this work."""
    del environments
    rounds = [measured(SHORT_ROWS if short else ROWS) for _ in range(1 if short else 3)]
    return [
        Table(
            title="Watch worker, 20 features, one core",
            unit="rows/s",
            lines=lines_of([{"wall": r["rate"], "CPU": r["cpu_rate"]} for r in rounds]),
        ),
        Table(title="Its memory at the peak", unit="MiB", lines=lines_of([{"RSS": r["rss"]} for r in rounds])),
    ]


def measured(rows: int, spread: int = 600) -> dict[str, float]:
    """Rows a second and peak RSS in MiB of one worker process that empties a journal of `rows` rows."""
    with tempfile.TemporaryDirectory(prefix="bench-watch-") as folder:
        fill(Path(folder), rows, spread)
        command = [sys.executable, "-m", "bench.watch_worker", "--empty", folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
        return found


def fill(folder: Path, rows: int, spread: int) -> None:
    """A registered model, and a journal of `rows` rows whose event times span `spread` seconds."""
    rng = np.random.default_rng(5)
    store = open_store(folder)
    register_as(store, "bench", compiled(rng), ModelSettings())
    store.close()
    journal = SqliteJournal(folder / "journal.db")
    minter = PredictionIdMinter(os.urandom)
    for first in range(0, rows, ENTRY_ROWS):
        rate = spread * 1e6 / rows
        times = START * 1_000_000 + ((first + np.arange(ENTRY_ROWS)) * rate).astype(np.int64)
        payload = encode_batch(batch("bench", times, minter, rng))
        journal.append([Entry(kind="inference", model="bench", rows=ENTRY_ROWS, payload=payload)])
    journal.close()


def features(rows: int, rng: np.random.Generator) -> dict[str, pa.Array]:
    """20 features of `rows` rows."""
    found = {f"number{k:02d}": pa.array(rng.normal(100 * k, 15, rows)) for k in range(14)}
    found |= {f"whole{k}": pa.array(rng.poisson(5 + k, rows).astype(np.float64)) for k in range(4)}
    for k in range(2):
        codes = pa.array(rng.integers(0, len(LEVELS), rows).astype(np.int32))
        found[f"text{k}"] = pa.DictionaryArray.from_arrays(codes, pa.array(LEVELS))
    return found


def compiled(rng: np.random.Generator, rows: int = 50_000) -> Reference:
    """A reference of `rows` rows over 30 days."""
    inputs, outputs = pa.table(features(rows, rng)), pa.table({"probability": pa.array(rng.random(rows))})
    schema = Schema(features=infer_schema(inputs).features, outputs=infer_schema(outputs).features)
    times = pa.array(np.sort(START - rng.integers(1, 30 * 86_400, rows)))
    return compile_reference(inputs, schema, outputs=outputs, times=times, task="binary", service=True)


def register_as(store: Store, model: str, reference: Reference, settings: ModelSettings) -> None:
    """Register version 1 of `model` with that reference."""
    store.versions.register(
        Version(
            model=model,
            version="1",
            task="binary",
            artifact_digest=store.blobs.write(model.encode()),
            runtime="bench",
            schema=reference.schema,
            reference_digest=store.blobs.write(reference.to_bytes()),
        ),
        settings=settings,
    )


def batch(model: str, times: np.ndarray, minter: PredictionIdMinter, rng: np.random.Generator) -> pa.RecordBatch:
    """Rows at event times `times` (Unix microseconds) as the gateway journals them."""
    rows = len(times)
    values = features(rows, rng) | {"probability": pa.array(rng.random(rows))}
    names = [f"input.{name}" if name != "probability" else "output.probability" for name in values]
    columns = [pa.field(name, array.type) for name, array in zip(names, values.values(), strict=True)]
    stamps = pa.array(times).cast(TIMESTAMP)
    envelope = [
        pa.array([minter.mint(START * 1000) for _ in range(rows)]),
        pa.nulls(rows, pa.string()),
        stamps,
        stamps,
        pa.array(np.full(rows, 200, np.int16)),
        pa.nulls(rows, pa.string()),
        pa.array(rng.integers(60, 3000, rows).astype(np.int32)),
    ]
    schema = envelope_schema(Source(model=model, version="1"), columns)
    return pa.RecordBatch.from_arrays([*envelope, *values.values()], schema=schema)


def empty(folder: Path) -> dict[str, float]:
    """Empty the journal in this process, on one core."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    store, journal = open_store(folder), SqliteJournal(folder / "journal.db")
    worker = Worker(store, journal)
    pa.array(np.zeros(1))  # Arrow looks for pandas at its first array, and imports it where it is installed
    start, cpu, rows = time.perf_counter(), time.process_time(), 0
    while (step := worker.step()).entries:
        rows += step.stored
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = int(next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line).split()[1])
    return {"rate": rows / wall, "rows": rows, "wall": wall, "cpu_rate": rows / cpu, "rss": peak / 1024}


def main() -> None:
    """`python -m bench.watch_worker [--rows N] [--spread SECONDS]`: one run, as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.watch_worker", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--spread", type=int, default=600, help="seconds of event time that the rows span")
    parser.add_argument("--empty", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    found = empty(asked.empty) if asked.empty else measured(asked.rows, asked.spread)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
