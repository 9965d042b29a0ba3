"""1,000 models of 20 features with one-minute buckets on one machine: a bucket roll, and a full monitor pass.

A roll: every model has a handful of rows in a new minute, and the worker takes them from the journal to committed
buckets. A pass: every model's hour (60 buckets) closes at once, and each is summed, judged and written with its alerts.
All models share one reference here; the worker keeps only a few references in memory, and it is loaded as often as if
each model had its own.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.measure import Table, lines_of
from bench.watch_worker import START, batch, compiled, register_as
from watchkeeper.events.arrow import encode_batch
from watchkeeper.events.ids import PredictionIdMinter
from watchkeeper.journal.protocol import Entry
from watchkeeper.journal.sqlite import SqliteJournal
from watchkeeper.store.buckets import Bucket, Source
from watchkeeper.store.store import Store, open_store
from watchkeeper.store.versions import ModelSettings
from watchkeeper.store.windows import Stream
from watchkeeper.watch.monitoring import Monitoring
from watchkeeper.watch.worker import Worker

MODELS, SHORT_MODELS = 1000, 20
ROWS = 20
HOUR = 3600
SETTINGS = ModelSettings(bucket_seconds=60, window_seconds=HOUR, lateness_seconds=0)
NOW = float(START + 4000 * 86_400)


def run(*, short: bool, environments: Path) -> list[Table]:
    """Roll three minutes, close three hours."""
    del environments
    models = SHORT_MODELS if short else MODELS
    with tempfile.TemporaryDirectory(prefix="bench-models-") as folder:
        store = open_store(Path(folder))
        names = [f"model{number:04d}" for number in range(models)]
        reference = compiled(np.random.default_rng(5))
        for name in names:
            register_as(store, name, reference, SETTINGS)
        rolls = rolled(store, names, 1 if short else 3)
        passes = passed(store, names, 1 if short else 3)
        store.close()
    title = f"{models:,} models, 20 features"
    return [
        Table(title=f"{title}: a minute's bucket of every model", unit="s", lines=lines_of(rolls)),
        Table(title=f"{title}: every model's hour judged", unit="s", lines=lines_of(passes)),
    ]


def rolled(store: Store, names: list[str], minutes: int) -> list[dict[str, float]]:
    """Seconds to take one minute of every model from the journal to the store."""
    journal, rng = SqliteJournal(store.data_dir / "journal.db"), np.random.default_rng(6)
    minter, worker = PredictionIdMinter(os.urandom), Worker(store, journal, clock=lambda: NOW)
    found = []
    for minute in range(-1, minutes):  # the first loads every reference and is not counted
        times = (START + minute * 60) * 1_000_000 + np.sort(rng.integers(0, 60_000_000, ROWS))
        for name in names:
            payload = encode_batch(received(batch(name, times, minter, rng)))
            journal.append([Entry(kind="inference", model=name, rows=ROWS, payload=payload)])
        start = time.perf_counter()
        while worker.step().entries:
            pass
        if minute >= 0:
            found.append({f"roll of {ROWS} rows each": time.perf_counter() - start})
    worker.close()
    journal.close()
    return found


def received(rows: pa.RecordBatch) -> pa.RecordBatch:
    """The rows as received long after they happened: a replay, whose windows close by events alone."""
    place = rows.schema.get_field_index("receive_time")
    moment = pa.array(np.full(rows.num_rows, int(NOW * 1e6))).cast(rows.schema.field(place).type)
    return rows.set_column(place, rows.schema.field(place), moment)


def passed(store: Store, names: list[str], hours: int) -> list[dict[str, float]]:
    """Seconds to judge one hour of every model, 60 buckets each."""
    reference, rng = compiled(np.random.default_rng(5)), np.random.default_rng(7)
    minter = PredictionIdMinter(os.urandom)
    monitoring = Monitoring(store, clock=lambda: NOW)
    found = []
    for hour in range(2, 2 + hours):
        begin = START + hour * HOUR
        times = begin * 1_000_000 + np.arange(600) * 6_000_000
        rows = pa.Table.from_batches([batch("any", times, minter, rng)])
        tallies = reference.binning.tally_groups(rows, np.arange(0, 601, 10))
        buckets = [Bucket(begin + 60 * k, 60, tally, 10) for k, tally in enumerate(tallies)]
        for name in names:
            with store.begin():
                store.tallies.add(Source(name, "1", "live"), buckets)
                store.windows.touch(name, "1", [(begin, begin + HOUR)])
                store.windows.advance(Stream(model=name, newest_event=begin + HOUR, newest_receive=NOW, lag=NOW))
        start, judged = time.perf_counter(), 0
        while done := monitoring.run():
            judged += done
        found.append({f"pass over {judged} windows": time.perf_counter() - start})
    return found
